import type { ErrorRow } from './error-row';

/** Failures of chats and orchestrations: what they end with when no model answered. */
export const CHAT_ERRORS = {
  unknown_model: {
    status: 404,
    message: 'No model or alias is named {got}; there are: {names}',
    remedy: 'Use one of the names listed, or leave the model out to have one chosen.',
  },
  no_eligible_model: {
    status: 503,
    message: 'No model may answer this request: {reason}',
    remedy:
      'Ask for less (weight, budget, context), or wait until a provider is back. `fleet models list` says why models are skipped.',
  },
  provider_rate_limited: {
    status: 429,
    message: 'Every provider asked is busy, the last was {provider}: {reason}',
    remedy: 'Try again after the seconds in Retry-After.',
  },
  provider_timeout: {
    status: 504,
    message: 'No model answered within the {limitMs} ms of the request: {reason}',
    remedy: 'Allow more time, or ask for a shorter answer.',
  },
  provider_budget_exceeded: {
    status: 503,
    message: 'The budget at the provider {provider} is used up: {reason}',
    remedy:
      'Raise the budget at the provider, then enable the model: `fleet models list` shows it, `fleet models enable <id>` does it.',
  },
  model_switched_off: {
    status: 409,
    message: 'The model {id} is switched off in the catalog, where no request can enable it',
    remedy: 'Set "enabled": true for it and its provider in the file of FLEET_MODELS, then send SIGHUP.',
  },
  context_overflow: {
    status: 400,
    message: 'The conversation is too long for every model that may answer it: {reason}',
    remedy: 'Shorten the conversation, or allow a model with a larger context window.',
  },
  output_schema_mismatch: {
    status: 502,
    message: 'The answer does not meet the output schema: {reason}',
    remedy: 'Say in the prompt what the schema asks for, or make it easier to meet.',
  },
} as const satisfies Record<string, ErrorRow>;

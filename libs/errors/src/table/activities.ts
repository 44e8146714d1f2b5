import type { ErrorRow } from './error-row';

/** Failures of activities, and so of the jobs they belong to. */
export const ACTIVITY_ERRORS = {
  content_rejected: {
    status: 422,
    message: 'The prompt was refused by the content filter: {reason}',
    remedy: 'Change the prompt; trying again with the same one gives the same answer.',
  },
  provider_failed: {
    status: 502,
    message: 'The provider {provider} failed: {reason}',
    remedy: 'It is tried again by itself; if it keeps failing, check its key and status.',
  },
  provider_rejected: {
    status: 422,
    message: 'The provider {provider} refused the request: {reason}',
    remedy: 'Change the request; trying again with the same one gives the same answer.',
  },
  no_model_provider: {
    status: 422,
    message: 'No model provider is configured',
    remedy: 'Set OPENAI_API_KEY, or FLEET_MODEL_URL to a server with the same API; docs/configuration.md has both.',
  },
  unknown_tool: {
    status: 404,
    message: 'No tool is named {got}; there are: {names}',
    remedy: 'Use one of the names listed, or hand the tool to createActivities.',
  },
  url_refused: {
    status: 400,
    message: '{field} is refused: it {reason}; got {got}',
    remedy:
      'Send a public http or https URL. Hosts of your own network need an entry in the allow-list of the operator.',
  },
  too_many_redirects: {
    status: 422,
    message: '{url} was redirected more than {limit} times',
    remedy: 'Send the URL where the redirects end.',
  },
  response_too_large: {
    status: 422,
    message: 'The answer of {url} is larger than {limit} bytes, counted after decompression',
    remedy: 'Send the URL of a smaller resource; trying again with the same one gives the same answer.',
  },
  fetch_timed_out: {
    status: 504,
    message: '{url} gave no whole answer within {limit} ms',
    remedy: 'Inside a job it is tried again by itself; if it keeps failing, check that server.',
  },
  fetch_failed: {
    status: 502,
    message: 'No answer could be had from {url} ({reason})',
    remedy: 'Inside a job it is tried again by itself; if it keeps failing, check the name and that server.',
  },
  webhook_refused: {
    status: 502,
    message: 'The webhook {url} answered {status}',
    remedy: 'It is tried again by itself; if it keeps failing, check the receiver.',
  },
  invalid_csv: {
    status: 422,
    message: 'The CSV is not usable: {reason}',
    remedy: 'Correct the file, store it again and start a new job with its id.',
  },
} as const satisfies Record<string, ErrorRow>;

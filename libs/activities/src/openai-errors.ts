import { errorText, FleetError } from '@fleet/errors';

const REFUSED_CONTENT = new Set(['content_policy_violation', 'moderation_blocked']);
// Statuses under 500 that another attempt may turn: a bad key can be replaced, a time-out or a limit passes.
const WORTH_RETRYING = new Set([401, 403, 408, 409, 429]);

/**
 * An error of the OpenAI client as one of the table. It carries no `cause`: the client's error holds the request, and the
 * failure of an activity is stored and shown.
 */
export function toFleetError(error: unknown, apiKey: string): FleetError {
  const { status, code } = fieldsOf(error);
  const text = withoutKey(errorText(error), apiKey);
  if (status === undefined) {
    return new FleetError('provider_failed', { provider: 'openai', reason: `no answer: ${text}` });
  }
  if (code !== undefined && REFUSED_CONTENT.has(code)) return new FleetError('content_rejected', { reason: text });
  if (status >= 500 || WORTH_RETRYING.has(status)) {
    return new FleetError('provider_failed', { provider: 'openai', reason: text });
  }
  return new FleetError('provider_rejected', { provider: 'openai', reason: text });
}

// By shape, not by class: the classes would load the client's whole module with this one.
function fieldsOf(error: unknown): { status?: number; code?: string } {
  const { status, code } = (error ?? {}) as Record<string, unknown>;
  return {
    ...(typeof status === 'number' && { status }),
    ...(typeof code === 'string' && { code }),
  };
}

// A refused key comes back in the provider's message, whole or with its middle starred out.
function withoutKey(text: string, apiKey: string): string {
  return text
    .replaceAll(apiKey, '[key]')
    .replace(/\bsk-[\w*-]+/g, '[key]')
    .slice(0, 200);
}

import type { ChatAttempt } from '@fleet/workflow-registry/messages';
import type { ModelSpec } from './catalog';
import type { RouterParts } from './options';
import { type CallOptions, isProviderError, type ProviderAdapter, type ProviderCall, ProviderError } from './provider';

/** Times a transient failure is tried again at the same model. */
const TRANSIENT_RETRIES = 2;
const FIRST_DELAY_MS = 100;
/** A timer may fire a little before the clock agrees. */
const TIMER_SLACK_MS = 20;

/** Parameters that the router sets: a caller's own would name another model or change the shape of the answer. */
const RESERVED = new Set(['model', 'messages', 'stream', 'stream_options']);
const TOKEN_LIMITS = ['max_completion_tokens', 'max_tokens'] as const;

/** What one call is made of. */
export interface CallTarget {
  readonly model: ModelSpec;
  readonly adapter: ProviderAdapter;
  readonly attempt: ChatAttempt;
  /** Tells calls of one attempt apart that run beside each other. */
  readonly lane: number;
}

/** What came of a call. */
export interface CallResult<T> {
  readonly value: T;
  /** Of the HTTP request that was answered. */
  readonly latencyMs: number;
}

/** The call as the provider gets it. */
export function providerCall({ model, attempt }: CallTarget): ProviderCall {
  const { messages, parameters = {} } = attempt.request;
  const { maxTokens } = attempt.narrowing;
  const dropped = maxTokens === undefined ? RESERVED : new Set([...RESERVED, ...TOKEN_LIMITS]);
  const kept = Object.entries(parameters).filter(([name]) => !dropped.has(name));
  return {
    model: model.id,
    messages,
    parameters: Object.fromEntries(kept),
    ...(maxTokens !== undefined && { maxTokens }),
  };
}

/** The limit of output tokens that a call is sent with; undefined when there is none. */
export function tokenLimitOf({ narrowing, request }: ChatAttempt): number | undefined {
  const named = TOKEN_LIMITS.map((name) => request.parameters?.[name]).find((value) => typeof value === 'number');
  return narrowing.maxTokens ?? named;
}

/**
 * Makes a call. A transient failure is tried again after 100 ms and 200 ms, each 50 to 150 % of that; not when the call ran
 * out of its time, since the provider may be working on it still. Each HTTP request is reported to the state.
 *
 * @throws ProviderError of the last request, the signal's reason
 */
export async function callProvider<T>(
  target: CallTarget,
  parts: RouterParts,
  signal: AbortSignal,
  send: (call: ProviderCall, options: CallOptions) => Promise<T>,
): Promise<CallResult<T>> {
  const call = providerCall(target);
  for (let retry = 0; ; retry += 1) {
    signal.throwIfAborted();
    const started = parts.now();
    const timeoutMs = Math.min(parts.perCallTimeoutMs, target.attempt.deadline - started);
    if (timeoutMs <= 0) throw new ProviderError('transient', 'the request has no time left');
    try {
      const value = await send(call, { ...identity(target), signal, timeoutMs });
      const latencyMs = parts.now() - started;
      report(parts.state.succeeded(target.model.providerId, target.model.id, latencyMs));
      return { value, latencyMs };
    } catch (error) {
      signal.throwIfAborted();
      const failure = asProviderError(error);
      if (isProvidersFault(failure)) report(parts.state.failed(target.model.providerId, target.model.id));
      const isLate = parts.now() - started >= timeoutMs - TIMER_SLACK_MS;
      if (failure.errorClass !== 'transient' || retry >= TRANSIENT_RETRIES || isLate) throw failure;
      const delayMs = FIRST_DELAY_MS * 2 ** retry * (0.5 + parts.random());
      if (parts.now() + delayMs >= target.attempt.deadline) throw failure;
      await parts.sleep(delayMs, signal);
    }
  }
}

function identity({
  attempt: { requestId, step },
  lane,
}: CallTarget): Pick<CallOptions, 'idempotencyKey' | 'requestId'> {
  return { requestId, idempotencyKey: lane === 0 ? `${requestId}-${step}` : `${requestId}-${step}-${lane}` };
}

/** An adapter throws ProviderError; anything else is a fault of ours, which another model may not meet. */
function asProviderError(error: unknown): ProviderError {
  if (isProviderError(error)) return error;
  const name = error instanceof Error ? error.name : typeof error;
  return new ProviderError('fatal', `the call could not be made (${name})`, { status: 400 });
}

/** A request that was refused is the caller's fault, a budget that is used up is nobody's. */
export function isProvidersFault({ errorClass, status }: ProviderError): boolean {
  if (errorClass === 'rate_limited') return true;
  if (errorClass !== 'transient' && errorClass !== 'fatal') return false;
  return status === undefined || status >= 500;
}

/** An answer does not wait for the books, and does not fail by them. */
function report(written: Promise<void>): void {
  written.catch(() => undefined);
}

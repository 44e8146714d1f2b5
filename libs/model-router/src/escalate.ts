import type { ChatErrorClass, ChatNarrowing, ChatWait } from '@fleet/workflow-registry/messages';
import type { ModelSpec } from './catalog';
import { type Candidate, type Circumstances, eligibility } from './eligibility';

/** Attempts that one request gets. */
export const MOST_ATTEMPTS = 5;

/** Tokens that are kept free when an answer is shortened to fit the window. */
const RESERVE_TOKENS = 256;
const LEAST_OUTPUT_TOKENS = 64;
/** Milliseconds to leave a provider alone that did not say how long. */
const DEFAULT_WAIT_MS = 1000;

/** How an attempt failed. */
export interface Failure {
  readonly errorClass: ChatErrorClass;
  /** HTTP status. */
  readonly status?: number | undefined;
  /** The model that was decided on. */
  readonly model: ModelSpec;
  /** All that were asked: more than one when calls were hedged. */
  readonly tried: readonly string[];
  readonly retryAfterMs?: number | undefined;
  /** `max_tokens` of the call that failed; undefined when none was set. */
  readonly maxTokens?: number | undefined;
}

/** The attempt to make after this one. */
export interface NextAttempt {
  readonly narrowing: ChatNarrowing;
  readonly afterMs: number;
}

/**
 * What to do after a failure: another model, the same one with a shorter answer, one with a larger window, any that is left,
 * or the one that asked for patience. Undefined when there is nothing to do, or no time.
 *
 * @param at as the attempt saw it, at the time of the failure
 * @param deadline epoch milliseconds
 */
export function nextAttempt(failure: Failure, at: Circumstances, deadline: number): NextAttempt | undefined {
  if (at.now >= deadline) return undefined;
  if (failure.errorClass === 'context_overflow') return afterOverflow(failure, at);
  const before = at.narrowing;
  const waits =
    failure.errorClass === 'rate_limited' ? [...othersOf(before.waits, failure), waitOf(failure, at)] : before.waits;
  const narrowing: ChatNarrowing = {
    excludeModels: excluded(failure, at),
    after: failure.errorClass,
    ...(waits && waits.length > 0 && { waits }),
  };
  const free = { ...at, narrowing };
  if (eligibility(free).eligible.length > 0) return { narrowing, afterMs: 0 };
  const desperate = { ...narrowing, lastResort: true };
  if (eligibility({ ...free, narrowing: desperate }).eligible.length > 0) return { narrowing: desperate, afterMs: 0 };
  return afterWaiting(narrowing, at, deadline);
}

/** A key that is refused is refused for every model of its provider. */
function excluded({ model, tried, status }: Failure, { catalog, narrowing }: Circumstances): readonly string[] {
  const siblings = status === 401 ? catalog.models.filter((one) => one.providerId === model.providerId) : [];
  return [...new Set([...narrowing.excludeModels, ...tried, ...siblings.map(({ id }) => id)])];
}

function waitOf({ model, retryAfterMs }: Failure, { now }: Circumstances): ChatWait {
  return { providerId: model.providerId, modelId: model.id, until: now + (retryAfterMs ?? DEFAULT_WAIT_MS) };
}

function othersOf(waits: readonly ChatWait[] | undefined, { model }: Failure): readonly ChatWait[] {
  return (waits ?? []).filter(({ providerId }) => providerId !== model.providerId);
}

function afterWaiting(narrowing: ChatNarrowing, { now }: Circumstances, deadline: number): NextAttempt | undefined {
  const [first] = (narrowing.waits ?? []).toSorted((a, b) => a.until - b.until);
  if (!first || first.until >= deadline) return undefined;
  return { narrowing: { ...narrowing, pinnedModel: first.modelId }, afterMs: Math.max(0, first.until - now) };
}

/** First the same model with room for a shorter answer, then the smallest with room for twice the input. */
function afterOverflow(failure: Failure, at: Circumstances): NextAttempt | undefined {
  const { model, maxTokens } = failure;
  const { excludeModels, waits } = at.narrowing;
  const room = Math.max(LEAST_OUTPUT_TOKENS, model.contextTokens - at.inputTokens - RESERVE_TOKENS);
  const kept = { after: failure.errorClass, ...(waits && { waits }) };
  // Once shortened, and still too long: our estimate of the input is too low, and a larger window is needed.
  if (at.narrowing.maxTokens === undefined && (maxTokens === undefined || maxTokens > room)) {
    return { narrowing: { ...kept, excludeModels, pinnedModel: model.id, maxTokens: room }, afterMs: 0 };
  }
  const narrowing: ChatNarrowing = { ...kept, excludeModels: excluded(failure, at) };
  const larger =
    smallestAbove(failure, { ...at, narrowing }) ??
    smallestAbove(failure, { ...at, narrowing: { ...narrowing, lastResort: true } });
  return larger && { narrowing: { ...narrowing, pinnedModel: larger.model.id }, afterMs: 0 };
}

function smallestAbove({ model }: Failure, at: Circumstances): Candidate | undefined {
  const least = Math.max(2 * at.inputTokens, model.contextTokens + 1);
  return eligibility(at)
    .eligible.filter((one) => one.model.contextTokens >= least)
    .toSorted((a, b) => a.model.contextTokens - b.model.contextTokens || b.model.weight - a.model.weight)[0];
}

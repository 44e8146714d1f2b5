import type { ChatAttempt, ChatAttemptResult, ChatSkips, ChatUnanswered } from '@fleet/workflow-registry/messages';
import { callProvider, type CallResult, tokenLimitOf } from './call';
import { type Choice, type Chooser, type Chosen, spread } from './choose';
import type { Candidate } from './eligibility';
import { type Failure, MOST_ATTEMPTS, nextAttempt, type NextAttempt } from './escalate';
import { hedge, MOST_LANES } from './hedge';
import type { AnswerCheck } from './output-schema';
import { isProviderError, type ProviderAnswer, type ProviderError } from './provider';
import { costOf, textOf, withUsage } from './tokens';

type Outcome = { readonly answer: CallResult<ProviderAnswer> } | { readonly error: ProviderError };

/** Asks the model that was chosen, or says that there is none. */
export async function runAttempt(
  chooser: Chooser,
  attempt: ChatAttempt,
  { choice, skips }: Chosen,
  check: AnswerCheck | undefined,
  signal: AbortSignal,
): Promise<ChatAttemptResult> {
  if (!choice) return unchosen(skips);
  const { parts } = chooser;
  const started = parts.now();
  // Whoever is slow is slow for all its models: the next lane is another provider's.
  const candidates = spread([choice.candidate, ...choice.others]).slice(0, parts.hedgeAfterMs > 0 ? MOST_LANES : 1);
  const ask = (lane: number, own: AbortSignal): Promise<Outcome> =>
    askModel(chooser, attempt, candidates[lane] ?? choice.candidate, lane, own);
  const {
    result,
    lane,
    started: asked,
  } = candidates.length === 1
    ? { result: await ask(0, signal), lane: 0, started: 1 }
    : await hedge(candidates.length, parts, signal, ask, (outcome) => 'answer' in outcome);
  const tried = candidates.slice(0, asked).map(({ model }) => model.id);
  const decided = decideOn(choice, candidates[lane] ?? choice.candidate);
  const latencyMs = parts.now() - started;
  if ('error' in result) return failed(chooser, attempt, decided, tried, skips, result.error, latencyMs);
  return answered(chooser, attempt, decided, tried, skips, result.answer, check);
}

/** What a request that no model may answer gets. */
export function unchosen(skips: ChatSkips): ChatUnanswered {
  return { ok: false, errorClass: 'no_model', message: 'no model may answer this request', latencyMs: 0, skips };
}

async function askModel(
  { parts }: Chooser,
  attempt: ChatAttempt,
  { model }: Candidate,
  lane: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const adapter = parts.adapters.get(model.providerId);
  if (!adapter) throw new RangeError(`no adapter for ${model.providerId}`);
  try {
    const send = adapter.send.bind(adapter);
    return { answer: await callProvider({ model, adapter, attempt, lane }, parts, signal, send) };
  } catch (error) {
    if (isProviderError(error)) return { error };
    throw error;
  }
}

/** The same decision, for the candidate that answered first. */
function decideOn({ decision, others }: Choice, candidate: Candidate): Choice {
  const { model, estimatedCostUsd } = candidate;
  const isOther = model.id !== decision.modelId;
  const own = { ...decision, modelId: model.id, providerId: model.providerId, estimatedCostUsd, reason: 'hedged' };
  return { candidate, others, decision: isOther ? own : decision };
}

async function answered(
  chooser: Chooser,
  attempt: ChatAttempt,
  { candidate: { model }, decision }: Choice,
  tried: readonly string[],
  skips: ChatSkips,
  { value, latencyMs }: CallResult<ProviderAnswer>,
  check: AnswerCheck | undefined,
): Promise<ChatAttemptResult> {
  const { response, usage } = withUsage(value.response, value.usage, chooser.at.inputTokens);
  const costUsd = costOf(model, usage);
  // A call for tools is not the answer yet.
  const isFinal = !response.choices.some(({ message }) => (message.tool_calls?.length ?? 0) > 0);
  const problem = isFinal ? check?.(textOf(response)) : undefined;
  if (problem === undefined) return { ok: true, decision, response, usage, latencyMs, costUsd, skips };
  const errorClass = 'schema_mismatch';
  const next = planNext(chooser, attempt, { errorClass, model, tried });
  return { ok: false, errorClass, message: problem, decision, latencyMs, costUsd, usage, skips, ...(next && { next }) };
}

async function failed(
  chooser: Chooser,
  attempt: ChatAttempt,
  { candidate: { model }, decision }: Choice,
  tried: readonly string[],
  skips: ChatSkips,
  error: ProviderError,
  latencyMs: number,
): Promise<ChatUnanswered> {
  const { errorClass, message, status, retryAfterMs } = error;
  if (errorClass === 'budget_exceeded') await chooser.parts.state.disableModel(model.id, message);
  const failure = { errorClass, status, model, tried, retryAfterMs, maxTokens: tokenLimitOf(attempt) };
  const next = planNext(chooser, attempt, failure);
  const known = { ...(status !== undefined && { status }), ...(next && { next }) };
  return { ok: false, errorClass, message, decision, latencyMs, skips, ...known };
}

function planNext({ at, parts }: Chooser, { step, deadline }: ChatAttempt, failure: Failure): NextAttempt | undefined {
  return step >= MOST_ATTEMPTS ? undefined : nextAttempt(failure, { ...at, now: parts.now() }, deadline);
}

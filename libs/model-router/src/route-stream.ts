import type { ChatAttempt, ChatUsage } from '@fleet/workflow-registry/messages';
import { callProvider, isProvidersFault, tokenLimitOf } from './call';
import { type Choice, choose, type Chooser } from './choose';
import { MOST_ATTEMPTS, nextAttempt } from './escalate';
import type { RouterParts } from './options';
import { type ChatChunk, isProviderError, ProviderError } from './provider';
import type { RoutedStream, UnroutedStream } from './router';
import { unchosen } from './run-attempt';
import { costOf, estimateTokens } from './tokens';

type StreamResult = { readonly ok: true; readonly stream: RoutedStream } | ({ readonly ok: false } & UnroutedStream);

/** Ends a stream at the deadline of its request, or when its reader is done with it. */
interface StreamLimit {
  readonly signal: AbortSignal;
  /** There is no deadline any more. */
  lift(): void;
  end(): void;
}

/** Begins a stream at the first model that gives a chunk; there is no workflow here, so the attempts are made in a row. */
export async function routeStream(
  first: ChatAttempt,
  parts: RouterParts,
  chooserFor: (attempt: ChatAttempt) => Promise<Chooser>,
  signal: AbortSignal,
): Promise<StreamResult> {
  let attempt = first;
  let last: UnroutedStream | undefined;
  for (;;) {
    signal.throwIfAborted();
    const chooser = await chooserFor(attempt);
    const { choice, skips } = await choose(chooser);
    if (!choice) return { ok: false, ...(last ?? unrouted(skips)) };
    const opened = await open(chooser, attempt, choice, signal);
    if (!isProviderError(opened)) return { ok: true, stream: opened };
    const { errorClass, message, status, retryAfterMs } = opened;
    const { model } = choice.candidate;
    last = { errorClass, message, decision: choice.decision, status, skips };
    if (errorClass === 'budget_exceeded') await parts.state.disableModel(model.id, message);
    const failure = { errorClass, status, model, tried: [model.id], retryAfterMs, maxTokens: tokenLimitOf(attempt) };
    const next = nextAttempt(failure, { ...chooser.at, now: parts.now() }, attempt.deadline);
    if (!next || attempt.step >= MOST_ATTEMPTS) return { ok: false, ...last };
    if (next.afterMs > 0) await parts.sleep(next.afterMs, signal);
    attempt = { ...attempt, step: attempt.step + 1, narrowing: next.narrowing };
  }
}

function unrouted(skips: UnroutedStream['skips']): UnroutedStream {
  const { errorClass, message } = unchosen(skips);
  return { errorClass, message, skips };
}

async function open(
  { parts, at }: Chooser,
  attempt: ChatAttempt,
  { candidate: { model }, decision }: Choice,
  signal: AbortSignal,
): Promise<RoutedStream | ProviderError> {
  const adapter = parts.adapters.get(model.providerId);
  if (!adapter) throw new RangeError(`no adapter for ${model.providerId}`);
  const limit = limitOf(attempt.deadline - parts.now());
  const either = AbortSignal.any([signal, limit.signal]);
  try {
    const send = adapter.stream.bind(adapter);
    const { value } = await callProvider({ model, adapter, attempt, lane: 0 }, parts, either, send);
    // The default of two minutes is for the beginning: a long answer that keeps coming is none that hangs.
    if (!attempt.policy.maxLatencyMs) limit.lift();
    const meter = createMeter(at.inputTokens);
    const onFault = (): void => void parts.state.failed(model.providerId, model.id).catch(() => undefined);
    const chunks = relay(value, meter, limit, signal, onFault);
    return { decision, chunks, usage: () => meter.usage(), costUsd: () => costOf(model, meter.usage()) };
  } catch (error) {
    limit.end();
    signal.throwIfAborted();
    if (isProviderError(error)) return error;
    throw error;
  }
}

function limitOf(ms: number): StreamLimit {
  const controller = new AbortController();
  const late = new ProviderError('transient', 'the request has no time left', { status: 408 });
  const timer = setTimeout(() => controller.abort(late), Math.max(0, ms));
  timer.unref();
  return {
    signal: controller.signal,
    lift: () => clearTimeout(timer),
    end: () => {
      clearTimeout(timer);
      controller.abort();
    },
  };
}

async function* relay(
  chunks: AsyncIterable<ChatChunk>,
  meter: Meter,
  limit: StreamLimit,
  signal: AbortSignal,
  onFault: () => void,
): AsyncGenerator<ChatChunk> {
  try {
    for await (const chunk of chunks) {
      meter.count(chunk);
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    const cause: unknown = limit.signal.aborted ? limit.signal.reason : error;
    if (isProviderError(cause) && isProvidersFault(cause)) onFault();
    throw cause;
  } finally {
    // A reader that leaves early must not leave the provider writing.
    limit.end();
  }
}

interface Meter {
  count(chunk: ChatChunk): void;
  usage(): ChatUsage;
}

function createMeter(inputTokens: number): Meter {
  let said: ChatUsage | undefined;
  let text = 0;
  return {
    count({ usage, choices }) {
      if (usage) said = { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens };
      for (const { delta } of choices) text += lengthOf(delta);
    },
    usage: () => said ?? { inputTokens, outputTokens: estimateTokens(text) },
  };
}

/** Characters a delta adds: text, reasoning, and the arguments of tool calls. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (value === null || typeof value !== 'object') return 0;
  const fields = Array.isArray(value)
    ? value
    : Object.entries(value)
        .filter(([name]) => !LABELS.has(name))
        .map(([, one]) => one as unknown);
  return fields.reduce<number>((sum, one) => sum + lengthOf(one), 0);
}

const LABELS = new Set(['role', 'id', 'type', 'index', 'name']);

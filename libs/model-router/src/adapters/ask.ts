import type { CallOptions } from '../provider';
import { limitCall, type CallLimit } from './call-limit';
import { nonsense, toProviderError } from './classify';

/** What each request of a client carries. */
export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly timeout: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The clients have a time-out of their own, which ends with the headers of an answer: ours comes first. */
const LATER_MS = 1000;

/** Makes one call that has one answer. */
export async function askOnce<T>(options: CallOptions, call: (request: RequestOptions) => Promise<T>): Promise<T> {
  const limit = limitCall(options.signal, options.timeoutMs);
  try {
    return await call(requestOf(options, limit));
  } catch (error) {
    limit.check();
    throw toProviderError(error);
  } finally {
    limit.end();
  }
}

/** Turns what a client streams into chunks. */
export interface Translation<Event, Chunk> {
  /** @throws ProviderError for an event that is none. */
  chunksOf(event: Event): readonly Chunk[];
  /** Whether the last event was the last one of a whole answer. */
  isWhole(): boolean;
}

/**
 * Makes one call whose answer is a stream, and waits for the first chunk. The time limit holds for that wait, and then for
 * each wait for the next one: a stream that falls silent ends.
 */
export async function askForStream<Event, Chunk>(
  options: CallOptions,
  call: (request: RequestOptions) => Promise<AsyncIterable<Event>>,
  translation: Translation<Event, Chunk>,
): Promise<AsyncIterable<Chunk>> {
  const limit = limitCall(options.signal, options.timeoutMs);
  const chunks = chunksOf(options, limit, () => call(requestOf(options, limit)), translation);
  let first: IteratorResult<Chunk, undefined> | undefined = await chunks.next();
  const next = (): Promise<IteratorResult<Chunk, undefined>> => {
    const held = first;
    first = undefined;
    return held ? Promise.resolve(held) : chunks.next();
  };
  // Not a generator: one that was never begun would not end the call when its reader leaves.
  return { [Symbol.asyncIterator]: () => ({ next, return: () => chunks.return(undefined) }) };
}

async function* chunksOf<Event, Chunk>(
  { signal }: CallOptions,
  limit: CallLimit,
  open: () => Promise<AsyncIterable<Event>>,
  translation: Translation<Event, Chunk>,
): AsyncGenerator<Chunk, undefined> {
  let begun = false;
  try {
    for await (const event of await open()) {
      const chunks = translation.chunksOf(event);
      // What comes before the first chunk does not give it more time.
      if (!begun && chunks.length === 0) continue;
      begun = true;
      limit.pause();
      yield* chunks;
      limit.restart();
    }
    // The clients end a stream that was aborted as if it were whole.
    if (!translation.isWhole()) throw nonsense('its stream was cut');
  } catch (error) {
    signal.throwIfAborted();
    // What happens to the connection after the last chunk takes nothing from the answer.
    if (translation.isWhole()) return;
    limit.check();
    throw toProviderError(error);
  } finally {
    limit.end();
  }
}

function requestOf({ timeoutMs, idempotencyKey, requestId }: CallOptions, { signal }: CallLimit): RequestOptions {
  return {
    signal,
    timeout: timeoutMs + LATER_MS,
    headers: { 'idempotency-key': idempotencyKey, 'x-request-id': requestId },
  };
}

import type { RouterParts } from './options';

/** Calls that run beside each other at most. */
export const MOST_LANES = 3;

/** What came of calls beside each other. */
export interface Hedged<T> {
  /** The first success; without one the failure of the first call. */
  readonly result: T;
  /** The lane it is of: 0 for the first call. */
  readonly lane: number;
  /** Lanes that were started. */
  readonly started: number;
}

/**
 * Starts a call, and another after each delay until one succeeds; then the others are aborted. When all that run have
 * failed, it is over: the next attempt is for somebody else to plan.
 *
 * @param run makes the call of a lane; resolves also when the provider failed
 * @throws the signal's reason
 */
export async function hedge<T>(
  lanes: number,
  parts: Pick<RouterParts, 'hedgeAfterMs' | 'sleep'>,
  signal: AbortSignal,
  run: (lane: number, signal: AbortSignal) => Promise<T>,
  isSuccess: (result: T) => boolean,
): Promise<Hedged<T>> {
  const over = new AbortController();
  const all = AbortSignal.any([signal, over.signal]);
  const running = new Map<number, Promise<{ readonly lane: number; readonly result: T }>>();
  const start = (lane: number): void => {
    running.set(
      lane,
      run(lane, all).then((result) => ({ lane, result })),
    );
  };
  let started = 0;
  let first: T | undefined;
  try {
    start(started++);
    while (running.size > 0) {
      const timer = started < lanes ? [parts.sleep(parts.hedgeAfterMs, all).then(() => undefined)] : [];
      for (const waiting of timer) waiting.catch(() => undefined);
      const event = await Promise.race([...running.values(), ...timer]);
      if (event === undefined) {
        start(started++);
        continue;
      }
      if (isSuccess(event.result)) return { ...event, started };
      if (event.lane === 0) first = event.result;
      first ??= event.result;
      running.delete(event.lane);
    }
    return { result: first as T, lane: 0, started };
  } finally {
    over.abort();
    // The losers reject with the abort; nobody waits for them any more.
    for (const call of running.values()) call.catch(() => undefined);
  }
}

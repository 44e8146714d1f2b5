import { setTimeout as delay } from 'node:timers/promises';

/**
 * Runs `count` pieces of work, `parallel` at a time, each as soon as another has ended.
 *
 * @returns pieces per second.
 */
export async function throughput(count: number, parallel: number, one: () => Promise<unknown>): Promise<number> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: Math.min(count, parallel) }, lane));
  return count / ((performance.now() - start) / 1000);
}

/** Runs `count` pieces of work one after the other. @returns the time of each, milliseconds. */
export async function oneAtATime(count: number, one: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let done = 0; done < count; done += 1) {
    const start = performance.now();
    await one();
    times.push(performance.now() - start);
  }
  return times;
}

/**
 * Begins `perSecond` pieces of work each second for `seconds`, whether earlier ones have ended or not: a piece that waits
 * must not keep the next from being asked for, or the waiting would hide itself.
 *
 * @returns what each piece gave, once all have ended.
 */
export async function atRate<Result>(
  perSecond: number,
  seconds: number,
  one: () => Promise<Result>,
): Promise<Result[]> {
  const begun: Promise<Result>[] = [];
  const start = performance.now();
  for (let index = 0; index < perSecond * seconds; index += 1) {
    const wait = start + (index * 1000) / perSecond - performance.now();
    if (wait > 0) await delay(wait);
    const piece = one();
    // It is awaited at the end; until then a failure must not count as unhandled.
    piece.catch(() => undefined);
    begun.push(piece);
  }
  return Promise.all(begun);
}

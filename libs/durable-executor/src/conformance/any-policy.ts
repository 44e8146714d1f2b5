import type { RetryPolicy } from '../context';

/** Numbers that are the same in every run (mulberry32). */
export function seededNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Any retry policy, each field left out a quarter of the time. */
export function anyPolicy(next: () => number): RetryPolicy {
  const some = <Value>(value: Value): Value | undefined => (next() < 0.25 ? undefined : value);
  const policy = {
    maximumAttempts: some(1 + Math.floor(next() * 12)),
    initialInterval: some(Math.floor(next() * 5_000)),
    backoffCoefficient: some(1 + next() * 4),
    maximumInterval: some(Math.floor(next() * 60_000)),
    nonRetryable: some(['TypeError', 'provider_rejected']),
  };
  // What is not said must not be there.
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));
}

/** A policy with every field said, whose waits a test can sit through: at most 0.5 s each, three of them. */
export function anyShortPolicy(next: () => number) {
  return {
    maximumAttempts: 2 + Math.floor(next() * 3),
    initialInterval: 20 + Math.floor(next() * 230),
    backoffCoefficient: 1 + next() * 2,
    maximumInterval: 50 + Math.floor(next() * 450),
  };
}

/** Time as the local executor knows it. A test passes days in a moment with a {@link ManualClock}. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls back once, not before `ms` have passed. @returns what prevents it. */
  schedule(ms: number, callback: () => void): () => void;
}

/** Longest time setTimeout keeps: 2^31 - 1 ms. A longer wait is made of several. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(ms, callback) {
    const end = Date.now() + ms;
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const left = end - Date.now();
      // A timer may fire a millisecond early by the wall clock; a durable one must not.
      if (left <= 0) callback();
      else timer = setTimeout(wait, Math.min(left, LONGEST_TIMEOUT_MS));
    };
    timer = setTimeout(wait, Math.min(ms, LONGEST_TIMEOUT_MS));
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  private readonly timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  /** @param time Epoch milliseconds to begin with. Default: the machine's. */
  constructor(private time = Date.now()) {}

  now(): number {
    return this.time;
  }

  schedule(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + ms, callback };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** Moves on, and calls what was due on the way, in the order it was due. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const [next] = [...this.timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.callback();
    }
    this.time = end;
  }
}

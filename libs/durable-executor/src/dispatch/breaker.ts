import { systemClock, type Clock } from '../clock';

/** Closed: requests go through. Open: none does. Half open: none does either, while one probe looks. */
export type BreakerState = 'closed' | 'open' | 'half_open';

/** Options of `createBreaker`. */
export interface BreakerOptions {
  /** Looks whether it works again. False, an error and silence all mean that it does not. */
  readonly probe: () => Promise<boolean>;
  /** Failures in a row that open it. Default 3. */
  readonly failures?: number;
  /** How long it stays open before it probes, milliseconds. Default 30,000. */
  readonly openMs?: number;
  /** Longest time of a probe, milliseconds. Default 2,000. */
  readonly probeMs?: number;
  readonly onChange?: ((state: BreakerState) => void) | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/**
 * Keeps requests from what does not work. Unlike those of libraries its probe is no request: nobody who waits for an answer
 * is used to find out, it has a time-out, and it comes also when there are no requests.
 */
export interface Breaker {
  readonly state: BreakerState;
  succeeded(): void;
  failed(): void;
  /** Stops its timers. */
  close(): void;
}

/** A closed breaker. */
export function createBreaker(options: BreakerOptions): Breaker {
  const { probe, failures = 3, openMs = 30_000, probeMs = 2_000, onChange, clock = systemClock } = options;
  let state: BreakerState = 'closed';
  let inARow = 0;
  let stopTimer: (() => void) | undefined;
  let round = 0;

  function become(next: BreakerState): void {
    stopTimer?.();
    stopTimer = undefined;
    round += 1;
    state = next;
    onChange?.(next);
  }

  function open(): void {
    become('open');
    stopTimer = clock.schedule(openMs, () => void look());
  }

  async function look(): Promise<void> {
    become('half_open');
    const own = round;
    const settle = (works: boolean): void => {
      // Late: another round began when this one's time was over.
      if (round !== own) return;
      if (!works) return open();
      inARow = 0;
      become('closed');
    };
    stopTimer = clock.schedule(probeMs, () => settle(false));
    settle(await probe().catch(() => false));
  }

  return {
    get state() {
      return state;
    },
    succeeded: () => void (inARow = 0),
    failed() {
      inARow += 1;
      if (state === 'closed' && inARow >= failures) open();
    },
    close() {
      round += 1;
      stopTimer?.();
    },
  };
}

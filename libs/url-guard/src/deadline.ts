import { setMaxListeners } from 'node:events';
import { FleetError, isFleetError } from '@fleet/errors';

/** The one time limit of a fetch, and the caller's own signal, as one. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** What to throw for an error met under this deadline, given the URL as it may be shown. */
  explain(error: unknown, shown: string): unknown;
  /** Stops the clock. */
  end(): void;
}

/** Starts the clock: `timeoutMs` from now the signal is aborted, or as soon as the caller's is. */
export function startDeadline(timeoutMs: number, callersSignal: AbortSignal | undefined): Deadline {
  const clock = new AbortController();
  // Each hop listens twice and lets go only when its socket has closed; 20 of them are no leak.
  setMaxListeners(0, clock.signal);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    clock.abort();
  }, timeoutMs);
  const pass = () => clock.abort();
  callersSignal?.addEventListener('abort', pass);
  return {
    signal: clock.signal,
    explain(error, shown) {
      if (callersSignal?.aborted) return callersSignal.reason;
      if (timedOut) return new FleetError('fetch_timed_out', { url: shown, limit: timeoutMs });
      if (isFleetError(error)) return error;
      return new FleetError('fetch_failed', { url: shown, reason: reasonOf(error) });
    },
    end() {
      clearTimeout(timer);
      callersSignal?.removeEventListener('abort', pass);
    },
  };
}

// The code only: the text of a network error names the address, which whoever sent the URL need not learn.
function reasonOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : 'no valid HTTP answer';
}

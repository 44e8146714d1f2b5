import { toPositiveMs, type Duration } from './duration';
import { resolveRetryPolicy, type ResolvedRetryPolicy, type RetryPolicy } from './retry-policy';

/** How one activity is run. */
export interface ActivityOptions {
  /** Time of one attempt, not of all together. Default 5 minutes. */
  readonly startToClose?: Duration;
  /** Longest silence of an attempt; it beats by itself, so this finds lost workers, not slow ones. Default none. */
  readonly heartbeat?: Duration;
  readonly retry?: RetryPolicy;
  /** Task queue on Temporal; the workflow's own by default. In process it means nothing. */
  readonly taskQueue?: string;
}

/** Options with every default filled in, times in milliseconds. */
export interface ResolvedActivityOptions {
  readonly startToCloseMs: number;
  readonly heartbeatMs: number | undefined;
  readonly retry: ResolvedRetryPolicy;
  readonly taskQueue: string | undefined;
}

/** Start-to-close time of one attempt unless said otherwise, milliseconds. */
export const DEFAULT_START_TO_CLOSE_MS = 5 * 60_000;

/**
 * Fills in the defaults.
 *
 * @throws FleetError `invalid_input`, before anything starts.
 */
export function resolveActivityOptions(options: ActivityOptions): ResolvedActivityOptions {
  const startToCloseMs = toPositiveMs(options.startToClose ?? DEFAULT_START_TO_CLOSE_MS, 'startToClose');
  return {
    startToCloseMs,
    heartbeatMs: options.heartbeat === undefined ? undefined : toPositiveMs(options.heartbeat, 'heartbeat'),
    retry: resolveRetryPolicy(options.retry),
    taskQueue: options.taskQueue,
  };
}

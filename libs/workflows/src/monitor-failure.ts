import { FleetError } from '@fleet/errors';
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';

/** What a step failed with: a code of the error table when it has one. */
export interface MonitorFailure {
  readonly type: string;
  readonly message: string;
}

/** Of the innermost cause. A step that ran out of its time is one of the table, too. */
export function monitorFailure(error: unknown): MonitorFailure {
  if (!(error instanceof ActivityFailure)) return plain(error);
  const { cause, activityType } = error;
  return cause instanceof TimeoutFailure ? timedOut(activityType, cause) : plain(cause);
}

/** The error that the workflow ends with: as it is when it has a type already. */
export function typedError(error: unknown): unknown {
  if (!(error instanceof ActivityFailure && error.cause instanceof TimeoutFailure)) return error;
  return ApplicationFailure.create({ ...timedOut(error.activityType, error.cause), nonRetryable: true, cause: error });
}

function plain(error: unknown): MonitorFailure {
  const message = error instanceof Error ? error.message : String(error);
  return { type: error instanceof ApplicationFailure ? (error.type ?? '') : '', message };
}

/** Milliseconds of the steps that have not 30 seconds. */
const LIMIT_MS: Readonly<Record<string, number>> = { searchMonitor: 60_000, compareMonitorState: 10_000 };

function timedOut(activity: string, { timeoutType }: TimeoutFailure): MonitorFailure {
  const details = { activity, limitMs: LIMIT_MS[activity] ?? 30_000, kind: timeoutType ?? 'START_TO_CLOSE' };
  return { type: 'activity_timed_out', message: new FleetError('activity_timed_out', details).message };
}

import { FleetError } from '@fleet/errors';
import type { JobKind, JobStatus } from '../fleet-client';

// Index = the number in the proto enum of that kind.
const WORKFLOW_STATUSES: readonly JobStatus[] = [
  'running',
  'running',
  'completed',
  'failed',
  'canceled',
  'terminated',
  'continued_as_new',
  'timed_out',
  'paused',
];
const ACTIVITY_STATUSES: readonly JobStatus[] = [
  'running',
  'running',
  'completed',
  'failed',
  'canceled',
  'terminated',
  'timed_out',
  'paused',
];

/** The only spellings that visibility queries accept. */
const SERVER_SPELLING: Readonly<Record<JobStatus, string>> = {
  running: 'Running',
  completed: 'Completed',
  failed: 'Failed',
  canceled: 'Canceled',
  terminated: 'Terminated',
  timed_out: 'TimedOut',
  continued_as_new: 'ContinuedAsNew',
  paused: 'Paused',
};

/** Our name for a status number of the server. */
export function statusOf(kind: JobKind, status: number | null | undefined): JobStatus {
  return (kind === 'workflow' ? WORKFLOW_STATUSES : ACTIVITY_STATUSES)[status ?? 0] ?? 'running';
}

/** True when nothing more will happen to it. */
export function isClosed(status: JobStatus): boolean {
  return status !== 'running' && status !== 'paused';
}

/**
 * The spelling of a visibility query.
 *
 * @throws FleetError `invalid_input` for a text that is no status.
 */
export function serverSpelling(status: string): string {
  if (Object.hasOwn(SERVER_SPELLING, status)) return SERVER_SPELLING[status as JobStatus];
  const rule = `must be one of ${Object.keys(SERVER_SPELLING).join(', ')}`;
  throw new FleetError(
    'invalid_input',
    { count: 1 },
    { fields: [{ field: 'status', rule, got: status.slice(0, 200) }] },
  );
}

import { FleetError } from '@fleet/errors';
import { entryOf, parseInput, queueFor, type WorkflowName } from '@fleet/workflow-registry';
import type { ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { createdNow } from '../admin/created-at';
import { checkInputSize } from '../jobs/input-size';
import { textIn } from '../memo-text';
import type { Server } from '../server';
import type { WholeSchedule } from './types';

// In the memo of the action: the SDK's update writes it with the spec. That of the schedule is written when it is made,
// never again, and is what the server's list shows.
const VERSION_KEY = 'fleetScheduleVersion';
const CRON_KEY = 'fleetScheduleCron';
const MARK_KEY = 'fleetSchedule';
/** Of schedules made before rows said what they are. */
const HASH_KEY = 'fleetScheduleHash';

type Memo = Readonly<Record<string, unknown>> | undefined;

/** What is written on the server. */
export type OwnOptions = ScheduleOptions & { state: { paused: boolean; note?: string } };

/**
 * A whole schedule as the SDK takes it; the registry entry decides the times.
 *
 * @throws FleetError `unknown_workflow`, `not_supported` (jobs), `invalid_input`, `unknown_queue`, `queue_not_allowed`,
 * `payload_too_large`.
 */
export function optionsOf(server: Server, schedule: WholeSchedule): OwnOptions {
  const { id, workflow, queue, version, cron, note } = schedule;
  const entry = entryOf(workflow);
  if (entry.kind === 'job')
    throw new FleetError('not_supported', {
      operation: 'A schedule',
      subject: workflow,
      reason: 'it is a single activity, and schedules start workflows',
    });
  const input = parseInput<unknown>(entry.input, schedule.input);
  checkInputSize(workflow, input, server.warn);
  return {
    scheduleId: id,
    spec: specOf(schedule),
    action: {
      type: 'startWorkflow',
      workflowType: workflow,
      workflowId: id,
      taskQueue: queueFor(workflow as WorkflowName, queue),
      args: [input],
      workflowExecutionTimeout: entry.timeouts.executionMs,
      memo: { [VERSION_KEY]: version, ...(cron !== null && { [CRON_KEY]: cron }) },
      staticSummary: `${workflow} of schedule ${id}`,
    },
    // The server's own catch-up window is a year: a fleet that was off for a week would then run seven nights at once.
    policies: { overlap: overlapOf(schedule), catchupWindow: schedule.catchupSeconds * 1000, pauseOnFailure: false },
    state: { paused: schedule.paused, ...(note !== null && { note }) },
    memo: { ...createdNow(), [MARK_KEY]: schedule.fleet },
  };
}

/** What a cron skips comes again. A single run does not: it waits until the one before, which named it, has ended. */
function overlapOf({ cron }: WholeSchedule): 'SKIP' | 'BUFFER_ONE' {
  return cron === null ? 'BUFFER_ONE' : 'SKIP';
}

/** True when the fleet made it. */
export function isOf(fleet: string, { memo, action }: ScheduleDescription): boolean {
  const mark = memo?.[MARK_KEY];
  return mark === undefined ? HASH_KEY in (action.memo ?? {}) : mark === fleet;
}

/** The version of the row that was written. */
export function versionIn(actionMemo: Memo): number | undefined {
  const version = actionMemo?.[VERSION_KEY];
  return typeof version === 'number' ? version : undefined;
}

/** The cron that was written. */
export function cronIn(actionMemo: Memo): string | undefined {
  const cron = actionMemo?.[CRON_KEY];
  return typeof cron === 'string' ? cron : undefined;
}

/** Id of the fleet that made the schedule of that memo; undefined when none did. */
export function fleetIn(memo: temporal.api.common.v1.IMemo | null | undefined): string | undefined {
  return textIn(memo, MARK_KEY);
}

/**
 * Until `runAt` nothing fires; then it does, and the cron from there on. The single run is an interval as long as the time
 * since the epoch, so that it needs no time zone: it fires then, and half a century later.
 */
function specOf({ cron, runAt, timezone, jitterSeconds }: WholeSchedule): ScheduleOptions['spec'] {
  const at = runAt && Math.ceil(runAt.getTime() / 1000) * 1000;
  return {
    ...(cron !== null && { cronExpressions: [cron] }),
    ...(at !== null && { intervals: [{ every: at }], startAt: new Date(at) }),
    ...(at !== null && cron === null && { endAt: new Date(at + 1000) }),
    ...(jitterSeconds > 0 && { jitter: jitterSeconds * 1000 }),
    timezone,
  };
}

import { FleetError } from '@fleet/errors';
import { ScheduleNotFoundError, type ScheduleDescription as RawSchedule } from '@temporalio/client';
import type { Server } from '../server';
import { cronIn, versionIn } from './options';
import type { ScheduleDescription } from './types';

/** @throws FleetError `schedule_not_found`. */
export async function describeSchedule(server: Server, id: string): Promise<ScheduleDescription> {
  const raw = await server.bounded(() => find(server, id));
  if (!raw) throw new FleetError('schedule_not_found', { id });
  const cron = cronIn(raw.action.memo);
  const version = versionIn(raw.action.memo);
  return {
    id,
    workflow: raw.action.workflowType,
    queue: raw.action.taskQueue,
    ...(version !== undefined && { version }),
    ...(cron !== undefined && { cron }),
    ...stateOf(raw),
  };
}

/** What the server has of that id; undefined when it has nothing. */
export async function find(server: Server, id: string): Promise<RawSchedule | undefined> {
  try {
    return await server.client.schedule.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

function stateOf({ state, info }: Pick<RawSchedule, 'state' | 'info'>) {
  return {
    paused: state.paused,
    ...(state.note && { note: state.note }),
    nextRuns: info.nextActionTimes,
    recentRuns: info.recentActions.map(({ takenAt, action }) => ({
      id: action.workflow.workflowId,
      runId: action.workflow.firstExecutionRunId,
      startedAt: takenAt,
    })),
  };
}

import { FleetError } from '@fleet/errors';
import {
  ScheduleNotFoundError,
  type ScheduleDescription as RawSchedule,
  type ScheduleOverlapPolicy,
} from '@temporalio/client';
import type { Server } from '../server';
import { find } from './describe';
import type { Backfill, BackfillOverlap } from './types';

const OVERLAP: Readonly<Record<BackfillOverlap, ScheduleOverlapPolicy>> = {
  skip: 'SKIP',
  buffer_all: 'BUFFER_ALL',
  allow_all: 'ALLOW_ALL',
};

/** Starts its workflow now and answers with the run, or with the run that is going on already. */
export async function triggerSchedule(server: Server, id: string): Promise<{ id: string; runId: string }> {
  const handle = server.client.schedule.getHandle(id);
  return server.bounded(async () => {
    const before = await find(server, id);
    if (!before) throw new FleetError('schedule_not_found', { id });
    await handle.trigger('SKIP');
    for (;;) {
      const now = await handle.describe();
      const started = runOf(now, before.info.recentActions.length === 0 ? 0 : latest(before));
      if (started) return started;
      const running = now.info.runningActions[0]?.workflow;
      if (running && now.info.numActionsSkippedOverlap > before.info.numActionsSkippedOverlap)
        return { id: running.workflowId, runId: running.firstExecutionRunId };
      // The trigger is asynchronous, 8 to 20 ms; the deadline around all this ends the loop.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
}

/** Starts the runs that were due in that time, as if they were due now. @throws FleetError `schedule_not_found`. */
export async function backfillSchedule(server: Server, id: string, { from, to, overlap }: Backfill): Promise<void> {
  const backfill = { start: from, end: to, overlap: OVERLAP[overlap ?? 'buffer_all'] };
  try {
    await server.bounded(() => server.client.schedule.getHandle(id).backfill(backfill));
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) throw new FleetError('schedule_not_found', { id }, { cause: error });
    throw error;
  }
}

function latest({ info }: RawSchedule): number {
  return Math.max(...info.recentActions.map(({ takenAt }) => takenAt.getTime()));
}

function runOf({ info }: RawSchedule, after: number): { id: string; runId: string } | undefined {
  const action = info.recentActions.find(({ takenAt }) => takenAt.getTime() > after);
  return action && { id: action.action.workflow.workflowId, runId: action.action.workflow.firstExecutionRunId };
}

import { createHash } from 'node:crypto';
import { FleetError } from '@fleet/errors';
import { entryOf, parseInput, queueFor } from '@fleet/workflow-registry';
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleDescription as RawSchedule,
  type ScheduleOptions,
} from '@temporalio/client';
import { createdNow } from './admin/created-at';
import type { ScheduleDescription, ScheduleSpec } from './fleet-client';
import { DEFAULT_OWNER } from './owner-header';
import { ownedBy } from './owner-interceptors';
import type { Server } from './server';

// In the memo of the action, not of the schedule: the SDK's update writes the first with the spec and cannot write the second.
const HASH_KEY = 'fleetScheduleHash';
const CRON_KEY = 'fleetScheduleCron';

/** Missing: created. Another spec: updated. Paused and note stay as operators left them. */
export async function ensureSchedule(server: Server, spec: ScheduleSpec): Promise<'created' | 'updated' | 'unchanged'> {
  const options = optionsFrom(spec);
  const handle = server.client.schedule.getHandle(spec.id);
  return server.bounded(async () => {
    const current = await handle.describe().catch(missingAsUndefined);
    if (!current) {
      try {
        await ownedBy(spec.owner ?? DEFAULT_OWNER, () =>
          server.client.schedule.create({ ...options, memo: createdNow() }),
        );
        return 'created';
      } catch (error) {
        // Another process was faster; what it made is compared like any other.
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      }
    }
    const existing = current ?? (await handle.describe());
    if (existing.action.memo?.[HASH_KEY] === options.action.memo?.[HASH_KEY]) return 'unchanged';
    await handle.update(({ state }) => ({ ...options, state }));
    return 'updated';
  });
}

/** Starts its workflow now and answers with the run, or with the run that is going on already. */
export async function triggerSchedule(server: Server, id: string): Promise<{ id: string; runId: string }> {
  const handle = server.client.schedule.getHandle(id);
  return server.bounded(async () => {
    const before = await handle.describe().catch(missingAsUndefined);
    if (!before) throw new FleetError('job_not_found', { id });
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

/** @throws FleetError `job_not_found`. */
export async function describeSchedule(server: Server, id: string): Promise<ScheduleDescription> {
  const raw = await server.bounded(() => server.client.schedule.getHandle(id).describe().catch(missingAsUndefined));
  if (!raw) throw new FleetError('job_not_found', { id });
  const cron = raw.action.memo?.[CRON_KEY];
  return {
    id,
    workflow: raw.action.workflowType,
    queue: raw.action.taskQueue,
    paused: raw.state.paused,
    ...(typeof cron === 'string' && { cron }),
    ...(raw.state.note && { note: raw.state.note }),
    nextRuns: raw.info.nextActionTimes,
    recentRuns: raw.info.recentActions.map(({ takenAt, action }) => ({
      id: action.workflow.workflowId,
      runId: action.workflow.firstExecutionRunId,
      startedAt: takenAt,
    })),
  };
}

type OwnOptions = ScheduleOptions & { action: { memo?: Record<string, unknown> } };

function optionsFrom(spec: ScheduleSpec): OwnOptions {
  const entry = entryOf(spec.workflow);
  if (entry.kind === 'job')
    throw new FleetError('not_supported', {
      operation: 'A schedule',
      subject: spec.workflow,
      reason: 'it is a single activity, and schedules start workflows',
    });
  const input = parseInput<unknown>(entry.input, spec.input);
  const taskQueue = queueFor(spec.workflow, spec.queue);
  const hash = createHash('sha256')
    .update(JSON.stringify([spec.cron, spec.workflow, input, taskQueue, entry.timeouts]))
    .digest('hex')
    .slice(0, 16);
  return {
    scheduleId: spec.id,
    spec: { cronExpressions: [spec.cron], timezone: 'UTC' },
    action: {
      type: 'startWorkflow',
      workflowType: spec.workflow,
      workflowId: spec.id,
      taskQueue,
      args: [input],
      workflowExecutionTimeout: entry.timeouts.executionMs,
      memo: { [HASH_KEY]: hash, [CRON_KEY]: spec.cron },
      staticSummary: `${spec.workflow} of schedule ${spec.id}`,
    },
    // The default catch-up window is a year: a fleet that was off for a week would then run seven nights at once.
    policies: { overlap: 'SKIP', catchupWindow: '1 hour', pauseOnFailure: false },
  };
}

function latest({ info }: RawSchedule): number {
  return Math.max(...info.recentActions.map(({ takenAt }) => takenAt.getTime()));
}

function runOf({ info }: RawSchedule, after: number): { id: string; runId: string } | undefined {
  const action = info.recentActions.find(({ takenAt }) => takenAt.getTime() > after);
  return action && { id: action.action.workflow.workflowId, runId: action.action.workflow.firstExecutionRunId };
}

function missingAsUndefined(error: unknown): undefined {
  if (error instanceof ScheduleNotFoundError) return undefined;
  throw error;
}

import { TASK_QUEUE_NAMES } from '@fleet/task-queues';
import type { QueueDescription, QueueLoad, WorkerDescription } from '@fleet/temporal-client';
import { z } from 'zod';
import { timestamp } from './timestamp';

const count = z.number().int().nonnegative();

const loadSchema = z.object({
  pollers: count,
  backlog: count.describe('Tasks waiting.'),
  oldest_age_seconds: z.number().describe('Age of the oldest waiting task.'),
  add_rate: z.number().describe('Tasks added per second, average of 30 s.'),
  dispatch_rate: z.number().describe('Tasks handed out per second, average of 30 s.'),
  slots_used: count,
  slots_total: count,
});

const settingsSchema = z.object({
  workflow_task_slots: count,
  activity_slots: count,
  max_workers: count,
  activities_per_second: z.number().nullable(),
  drain_seconds: count,
  force_seconds: count,
  cached_workflows: count,
  pollers_min: count,
  pollers_max: count,
  health_port: count,
});

export const queueSchema = z.object({
  name: z.enum(TASK_QUEUE_NAMES),
  paused: z.boolean().describe('True while the rate is 0.'),
  workers: count.describe('Live workers.'),
  settings: settingsSchema.describe('The row of the table; per worker where not said otherwise.'),
  rate: z.object({
    per_second: z.number().nullable().describe('Null = no limit.'),
    set_by: z.enum(['table', 'operator', 'worker', 'nobody']),
    reason: z.string().nullable(),
    updated_at: timestamp.nullable(),
  }),
  workflows: loadSchema,
  activities: loadSchema,
});

export const workerSchema = z.object({
  key: z.string(),
  identity: z.string(),
  queue: z.string(),
  host: z.string(),
  pid: z.number().int(),
  status: z.enum(['running', 'draining', 'dead']),
  started_at: timestamp,
  heartbeat_at: timestamp,
  activity_slots_used: count,
  activity_slots_total: count,
  workflow_slots_used: count,
  workflow_slots_total: count,
  cached_workflows: count,
  host_cpu: z.number().describe('0 to 1.'),
  host_memory: z.number().describe('0 to 1.'),
  sdk_version: z.string(),
});

/** A queue with its rate and its load. */
export function toQueue({
  name,
  settings,
  rate,
  workers,
  workflows,
  activities,
}: QueueDescription): z.infer<typeof queueSchema> {
  return {
    name,
    paused: rate.perSecond === 0,
    workers,
    settings: {
      workflow_task_slots: settings.workflowTaskSlots,
      activity_slots: settings.activitySlots,
      max_workers: settings.maxWorkers,
      activities_per_second: settings.activitiesPerSecond,
      drain_seconds: settings.drainSeconds,
      force_seconds: settings.forceSeconds,
      cached_workflows: settings.cachedWorkflows,
      pollers_min: settings.pollersMin,
      pollers_max: settings.pollersMax,
      health_port: settings.healthPort,
    },
    rate: {
      per_second: rate.perSecond,
      set_by: rate.setBy,
      reason: rate.reason ?? null,
      updated_at: rate.updatedAt?.toISOString() ?? null,
    },
    workflows: toLoad(workflows),
    activities: toLoad(activities),
  };
}

/** A worker process as its heartbeat describes it. */
export function toWorker(worker: WorkerDescription): z.infer<typeof workerSchema> {
  return {
    key: worker.key,
    identity: worker.identity,
    queue: worker.queue,
    host: worker.host,
    pid: worker.pid,
    status: worker.status,
    started_at: worker.startedAt.toISOString(),
    heartbeat_at: worker.heartbeatAt.toISOString(),
    activity_slots_used: worker.activitySlotsUsed,
    activity_slots_total: worker.activitySlotsTotal,
    workflow_slots_used: worker.workflowSlotsUsed,
    workflow_slots_total: worker.workflowSlotsTotal,
    cached_workflows: worker.cachedWorkflows,
    host_cpu: worker.hostCpu,
    host_memory: worker.hostMemory,
    sdk_version: worker.sdkVersion,
  };
}

function toLoad(load: QueueLoad): z.infer<typeof loadSchema> {
  return {
    pollers: load.pollers,
    backlog: load.backlog,
    oldest_age_seconds: load.oldestAgeSeconds,
    add_rate: load.addRate,
    dispatch_rate: load.dispatchRate,
    slots_used: load.slotsUsed,
    slots_total: load.slotsTotal,
  };
}

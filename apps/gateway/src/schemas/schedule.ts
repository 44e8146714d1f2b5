import { TASK_QUEUE_NAMES } from '@fleet/task-queues';
import type { ScheduleRow } from '@fleet/store';
import type { ScheduleDescription } from '@fleet/temporal-client';
import { z } from 'zod';
import { jobLocation, scheduleLocation } from '../locations';
import { jobIdSchema } from '../submission';
import { catchupSchema, cronSchema, jitterSchema, timezoneSchema } from './cron';
import { instantSchema, timestamp } from './timestamp';

/** Whose a schedule can be. */
export const SCHEDULE_KINDS = ['api', 'code', 'monitor'] as const satisfies readonly ScheduleRow['kind'][];

const kindSchema = z
  .enum(SCHEDULE_KINDS)
  .describe('api: made here. code: stated by the code of the fleet. monitor: of a monitor, and changed there.');

const workflow = z.string().max(200).describe('A workflow of GET /v1/workflows.');
const input = z.unknown().optional().describe('What the workflow takes. Default {}.');
const queue = z.enum(TASK_QUEUE_NAMES).optional().describe("One of the workflow's allowed queues. Default: its own.");
const cron = cronSchema.nullable().optional();
const runAt = instantSchema
  .nullable()
  .optional()
  .describe('The next run, once, in the place of the cron until it has passed.');

/** What a schedule is, all of it: what PUT replaces. */
export const definitionSchema = z.strictObject({
  workflow,
  input,
  queue,
  cron,
  run_at: runAt,
  timezone: timezoneSchema.optional(),
  jitter_seconds: jitterSchema.optional(),
  catchup_seconds: catchupSchema.optional(),
});

export const newScheduleSchema = definitionSchema.extend({
  id: jobIdSchema.optional().describe('Your own id. Default: the name of the workflow and a random UUID.'),
  paused: z.boolean().optional().describe('Default false.'),
  note: z.string().trim().min(1).max(200).optional().describe('Why it is paused, say.'),
});

/** Any part of it: what PATCH changes. */
export const changeSchema = definitionSchema.partial();

export const backfillSchema = z.strictObject({
  from: instantSchema,
  to: instantSchema,
  overlap: z
    .enum(['skip', 'buffer_all', 'allow_all'])
    .optional()
    .describe('What a run does while the one before goes on: not happen, wait, start anyway. Default buffer_all.'),
});

export const scheduleSchema = z.object({
  id: z.string(),
  kind: kindSchema,
  owner: z.string(),
  workflow: z.string(),
  input: z.unknown(),
  queue: z.string(),
  cron: z.string().nullable(),
  run_at: timestamp.nullable(),
  timezone: z.string(),
  jitter_seconds: z.number().int(),
  catchup_seconds: z.number().int(),
  paused: z.boolean(),
  note: z.string().nullable(),
  version: z.number().int().describe('One more with each change. The ETag is this number in quotes.'),
  applied: z.boolean().describe('True once Temporal has this version. Else it follows by itself.'),
  failure: z.string().nullable().describe('Why Temporal could not be told the last time.'),
  created_at: timestamp,
  updated_at: timestamp,
});

export const scheduleDetailsSchema = scheduleSchema.extend({
  next_runs: z.array(timestamp).nullable().describe('Null while Temporal does not say; none while it is paused.'),
  recent_runs: z
    .array(z.object({ workflow_id: z.string(), run_id: z.string(), started_at: timestamp, location: z.string() }))
    .nullable()
    .describe('Oldest first. Null while Temporal does not say.'),
});

export const schedulePageSchema = z.object({
  schedules: z.array(scheduleSchema),
  next_cursor: z.string().nullable(),
});

export const goneSchema = z.object({ id: z.string(), applied: z.literal(false) });

export const triggeredSchema = z.object({ workflow_id: z.string(), run_id: z.string(), location: z.string() });

export const backfilledSchema = z.object({
  id: z.string(),
  from: timestamp,
  to: timestamp,
  overlap: z.enum(['skip', 'buffer_all', 'allow_all']),
  location: z.string(),
});

/** A schedule in a list. */
export function toSchedule(row: ScheduleRow): z.infer<typeof scheduleSchema> {
  return {
    id: row.id,
    kind: row.kind,
    owner: row.owner,
    workflow: row.workflow,
    input: row.input,
    queue: row.queue,
    cron: row.cron,
    run_at: row.runAt?.toISOString() ?? null,
    timezone: row.timezone,
    jitter_seconds: row.jitterSeconds,
    catchup_seconds: row.catchupSeconds,
    paused: row.paused,
    note: row.note,
    version: row.version,
    applied: row.appliedVersion === row.version,
    failure: row.failure,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** A schedule by itself. @param live What Temporal says of it; undefined when it does not answer */
export function toScheduleDetails(
  row: ScheduleRow,
  live: ScheduleDescription | undefined,
): z.infer<typeof scheduleDetailsSchema> {
  // The server names times of a paused schedule too, at which nothing will run.
  const next = live?.paused ? [] : live?.nextRuns;
  return {
    ...toSchedule(row),
    next_runs: next?.map((at) => at.toISOString()) ?? null,
    recent_runs: live?.recentRuns.map(toRun) ?? null,
  };
}

/** The answer to a backfill. */
export function toBackfilled(id: string, { from, to, overlap = 'buffer_all' }: z.infer<typeof backfillSchema>) {
  const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  return { id, ...times, overlap, location: scheduleLocation(id) };
}

function toRun({ id, runId, startedAt }: ScheduleDescription['recentRuns'][number]) {
  return { workflow_id: id, run_id: runId, started_at: startedAt.toISOString(), location: jobLocation(id) };
}

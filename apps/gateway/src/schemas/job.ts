import { TASK_QUEUE_NAMES } from '@fleet/task-queues';
import type {
  HistoryEvent,
  JobDescription,
  JobFailure,
  JobResult,
  JobStatus,
  JobSummary,
  StartedJob,
} from '@fleet/temporal-client';
import { z } from 'zod';
import { jobLocation } from '../locations';
import { timestamp } from './timestamp';

/** Every status a job can have. */
export const JOB_STATUSES = [
  'running',
  'completed',
  'failed',
  'canceled',
  'terminated',
  'timed_out',
  'continued_as_new',
  'paused',
] as const satisfies readonly JobStatus[];

const kindSchema = z.enum(['workflow', 'job']).describe('A workflow of several steps, or a job: one activity.');
const statusSchema = z.enum(JOB_STATUSES);

const failureSchema = z.object({
  code: z.string().describe("A code of docs/errors.md, or Temporal's own failure type."),
  message: z.string(),
  remedy: z.string().nullable(),
  retryable: z.boolean().describe('False when the same input can never succeed.'),
});

export const jobSummarySchema = z.object({
  workflow_id: z.string(),
  run_id: z.string(),
  workflow: z.string(),
  kind: kindSchema,
  queue: z.string(),
  status: statusSchema,
  owner: z.string().nullable().describe('Null for a job that was not submitted here, a scheduled one for instance.'),
  started_at: timestamp,
  closed_at: timestamp.nullable(),
  duration_ms: z.number().nullable().describe('Null while it runs.'),
});

export const jobSchema = jobSummarySchema.extend({
  progress: z.unknown().describe('How far it is; null when it does not say.'),
  attempt: z.number().int().nullable().describe('Attempts so far, of a job.'),
  result: z.unknown().describe('Output of a completed job, else null.'),
  failure: failureSchema.nullable(),
});

export const jobPageSchema = z.object({ jobs: z.array(jobSummarySchema), next_cursor: z.string().nullable() });

export const submittedSchema = z.object({
  workflow_id: z.string(),
  run_id: z.string(),
  workflow: z.string(),
  kind: kindSchema,
  queue: z.enum(TASK_QUEUE_NAMES),
  location: z.string(),
  warnings: z.array(z.object({ code: z.literal('no_poller'), message: z.string() })),
});

export const acceptedSchema = z.object({ workflow_id: z.string(), location: z.string() });

export const endedSchema = z.object({
  workflow_id: z.string(),
  status: statusSchema,
  result: z.unknown().optional(),
  failure: failureSchema.optional(),
});

export const pendingSchema = z.object({ workflow_id: z.string(), status: statusSchema, location: z.string() });

export const historyPageSchema = z.object({
  events: z.array(
    z.object({
      event_id: z.number().int(),
      type: z.string(),
      timestamp: timestamp,
      name: z.string().nullable().describe('Activity, timer, signal or child workflow it is about.'),
      attempt: z.number().int().nullable(),
      failure: z.string().nullable(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

/** A job in a list. */
export function toJobSummary(job: JobSummary, owner: string | undefined): z.infer<typeof jobSummarySchema> {
  return {
    workflow_id: job.id,
    run_id: job.runId,
    workflow: job.workflow,
    kind: job.kind,
    queue: job.queue,
    status: job.status,
    owner: owner ?? null,
    started_at: job.startedAt.toISOString(),
    closed_at: job.closedAt?.toISOString() ?? null,
    duration_ms: job.closedAt ? job.closedAt.getTime() - job.startedAt.getTime() : null,
  };
}

/** A job by itself. */
export function toJob(job: JobDescription, owner: string | undefined): z.infer<typeof jobSchema> {
  return {
    ...toJobSummary(job, owner),
    progress: job.progress ?? null,
    attempt: job.attempt ?? null,
    result: job.result ?? null,
    failure: job.failure ? toFailure(job.failure) : null,
  };
}

/** The answer to a submission. */
export function toSubmitted(job: StartedJob, hasPollers: boolean): z.infer<typeof submittedSchema> {
  const message = `No worker polls ${job.queue}: the job waits until one does.`;
  return {
    workflow_id: job.id,
    run_id: job.runId,
    workflow: job.workflow,
    kind: job.kind,
    queue: job.queue,
    location: jobLocation(job.id),
    warnings: hasPollers ? [] : [{ code: 'no_poller', message }],
  };
}

/** The answer to a request about a job that is done in its own time. */
export function toAccepted(id: string): z.infer<typeof acceptedSchema> {
  return { workflow_id: id, location: jobLocation(id) };
}

/** How a job ended; undefined while it has not. */
export function toEnded(id: string, result: JobResult): z.infer<typeof endedSchema> | undefined {
  if (result.status === 'completed') return { workflow_id: id, status: 'completed', result: result.result ?? null };
  if ('failure' in result) return { workflow_id: id, status: result.status, failure: toFailure(result.failure) };
  return undefined;
}

/** One event of a history. */
export function toHistoryEvent(event: HistoryEvent): z.infer<typeof historyPageSchema>['events'][number] {
  return {
    event_id: event.eventId,
    type: event.type,
    timestamp: event.timestamp.toISOString(),
    name: event.name ?? null,
    attempt: event.attempt ?? null,
    failure: event.failure ?? null,
  };
}

function toFailure({ code, message, remedy, retryable }: JobFailure): z.infer<typeof failureSchema> {
  return { code, message, remedy: remedy ?? null, retryable };
}

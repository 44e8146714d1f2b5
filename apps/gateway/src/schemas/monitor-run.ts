import type { MonitorExecutionRow, NoticeRow } from '@fleet/store';
import type { PreviewMonitorOutput } from '@fleet/workflow-registry/messages';
import { z } from 'zod';
import { timestamp } from './timestamp';

/** Every status a run can have. */
export const EXECUTION_STATUSES = ['pending', 'running', 'success', 'failed', 'canceled'] as const;

/** The body of POST /v1/monitors/{id}/run. */
export const runBodySchema = z
  .strictObject({
    suppress_notifications: z.boolean().optional().describe('True: nobody is told, whatever it finds. Default false.'),
  })
  .optional();

export const runSchema = z.object({ execution_id: z.string(), workflow_id: z.string(), location: z.string() });

export const executionSchema = z.object({
  id: z.string(),
  monitor_id: z.string(),
  trigger: z.enum(['schedule', 'manual']),
  suppress_notifications: z.boolean(),
  status: z.enum(EXECUTION_STATUSES),
  workflow_id: z.string().nullable(),
  run_id: z.string().nullable(),
  summary: z.string().nullable().describe('What it saw.'),
  state_hash: z.string().nullable(),
  condition_met: z.boolean().nullable(),
  changed: z.boolean().nullable().describe('Whether what it saw differs from what the run before it saw.'),
  comparison: z.enum(['baseline', 'hash', 'meaning']).nullable().describe('How that was found out.'),
  notify: z.boolean().nullable().describe('Whether people are told.'),
  reason: z.string().nullable().describe('Why they are or are not.'),
  next_run: timestamp.nullable().describe('When the result asked for.'),
  final: z.boolean().describe('The result said that no run is to follow.'),
  failure: z
    .object({ class: z.string(), code: z.string(), message: z.string() })
    .nullable()
    .describe('The code is one of docs/errors.md.'),
  created_at: timestamp,
  started_at: timestamp.nullable(),
  closed_at: timestamp.nullable(),
});

export const executionPageSchema = z.object({
  executions: z.array(executionSchema),
  next_cursor: z.string().nullable(),
});

export const previewSchema = z.object({
  summary: z.string().describe('What it saw.'),
  condition_met: z.boolean(),
  state_hash: z.string(),
  state: z.string().describe('What later runs would be compared with, as JSON; 20,000 characters at most.'),
  next_run: timestamp
    .nullable()
    .optional()
    .describe('When the result asked for; null: it said that none is to follow.'),
});

/** What a monitor would see now, as it is shown. */
export function toPreview({ nextRunAt, ...seen }: PreviewMonitorOutput): z.infer<typeof previewSchema> {
  const { summary, conditionMet, stateHash, state } = seen;
  return {
    summary,
    condition_met: conditionMet,
    state_hash: stateHash,
    state,
    ...(nextRunAt !== undefined && { next_run: nextRunAt === null ? null : new Date(nextRunAt).toISOString() }),
  };
}

const noticeSchema = z.object({
  id: z.string(),
  execution_id: z.string(),
  channel: z.enum(['email', 'webhook']),
  address: z.string(),
  status: z.enum(['pending', 'delivered', 'failed', 'skipped']),
  attempts: z.number().int(),
  reason: z.string().nullable().describe('Why it was skipped, or what the last attempt failed with.'),
  payload: z.unknown(),
  created_at: timestamp,
  next_attempt_at: timestamp.nullable(),
  closed_at: timestamp.nullable(),
});

export const noticePageSchema = z.object({
  notifications: z.array(noticeSchema),
  next_cursor: z.string().nullable(),
});

/** A run as it is shown. */
export function toExecution(row: MonitorExecutionRow): z.infer<typeof executionSchema> {
  const { failureClass, errorCode, errorMessage } = row;
  return {
    id: row.id,
    monitor_id: row.monitorId,
    trigger: row.trigger,
    suppress_notifications: row.suppressNotifications,
    status: row.status,
    workflow_id: row.workflowId,
    run_id: row.runId,
    summary: row.summary,
    state_hash: row.stateHash,
    condition_met: row.conditionMet,
    changed: row.changed,
    comparison: row.comparison,
    notify: row.notify,
    reason: row.reason,
    next_run: row.nextRunAt?.toISOString() ?? null,
    final: row.final,
    failure:
      errorCode === null ? null : { class: failureClass ?? 'other', code: errorCode, message: errorMessage ?? '' },
    created_at: row.createdAt.toISOString(),
    started_at: row.startedAt?.toISOString() ?? null,
    closed_at: row.closedAt?.toISOString() ?? null,
  };
}

/** A notice as it is shown. */
export function toNotice(row: NoticeRow): z.infer<typeof noticeSchema> {
  return {
    id: row.id,
    execution_id: row.executionId,
    channel: row.channel,
    address: row.address,
    status: row.status,
    attempts: row.attempts,
    reason: row.reason,
    payload: row.payload,
    created_at: row.createdAt.toISOString(),
    next_attempt_at: row.nextAttemptAt?.toISOString() ?? null,
    closed_at: row.closedAt?.toISOString() ?? null,
  };
}

import type { MonitorRow } from '@fleet/store';
import { z } from 'zod';
import { MONITOR_COMPARES, MONITOR_NOTIFIES, searchSchema } from './monitor-body';
import { timestamp } from './timestamp';

/** Every state a monitor can be in. */
export const MONITOR_STATES = ['active', 'paused', 'completed'] as const;

export const monitorSchema = z.object({
  id: z.string(),
  owner: z.string(),
  name: z.string(),
  query: z.string(),
  condition: z.string(),
  search: searchSchema,
  compare: z.enum(MONITOR_COMPARES),
  notify: z.enum(MONITOR_NOTIFIES),
  email: z.string().nullable(),
  webhook_url: z.string().nullable(),
  cron: z.string().nullable().describe('Null: each result says when the next run is.'),
  timezone: z.string(),
  jitter_seconds: z.number().int(),
  catchup_seconds: z.number().int(),
  state: z.enum(MONITOR_STATES),
  version: z.number().int().describe('One more with each change; also the ETag.'),
  last_state_hash: z.string().nullable().describe('Of what the last run found; null before the first.'),
  last_condition_met: z.boolean().nullable(),
  failures: z.number().int().describe('Failed runs in a row.'),
  failure_class: z.enum(['rate_limit', 'timeout', 'network', 'agent', 'other']).nullable(),
  created_at: timestamp,
  updated_at: timestamp,
});

export const monitorPageSchema = z.object({ monitors: z.array(monitorSchema), next_cursor: z.string().nullable() });

export const monitorDetailsSchema = monitorSchema.extend({
  schedule: z.object({
    applied: z.boolean().describe('False while Temporal has not taken over the last change.'),
    next_run: timestamp.nullable().describe('Null when there is none, or when Temporal does not say.'),
  }),
  webhook_secret: z.string().optional().describe('Signs webhooks. Only in the answer to the request that made it.'),
});

/** How far the schedule of a monitor is. */
export interface ScheduleState {
  readonly applied: boolean;
  readonly nextRun: Date | null;
}

/** A monitor as it is shown in a list. */
export function toMonitor(row: MonitorRow): z.infer<typeof monitorSchema> {
  return {
    id: row.id,
    owner: row.owner,
    name: row.name,
    query: row.query,
    condition: row.condition,
    search: toSearch(row.search),
    compare: row.compare,
    notify: row.notify,
    email: row.email,
    webhook_url: row.webhookUrl,
    cron: row.cron,
    timezone: row.timezone,
    jitter_seconds: row.jitterSeconds,
    catchup_seconds: row.catchupSeconds,
    state: row.state,
    version: row.version,
    last_state_hash: row.lastStateHash,
    last_condition_met: row.lastConditionMet,
    failures: row.failures,
    failure_class: row.failureClass,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** A monitor by itself. */
export function toMonitorDetails(
  row: MonitorRow,
  { applied, nextRun }: ScheduleState,
  webhookSecret?: string,
): z.infer<typeof monitorDetailsSchema> {
  return {
    ...toMonitor(row),
    schedule: { applied, next_run: nextRun?.toISOString() ?? null },
    ...(webhookSecret !== undefined && { webhook_secret: webhookSecret }),
  };
}

/** With arrays that the schema may write to. */
function toSearch(search: MonitorRow['search']): z.infer<typeof searchSchema> {
  return search as z.infer<typeof searchSchema>;
}

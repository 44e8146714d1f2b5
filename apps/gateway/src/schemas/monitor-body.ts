import type { MonitorSpec } from '@fleet/store';
import { z } from 'zod';
import { catchupSchema, cronSchema, jitterSchema, timezoneSchema } from './cron';

/** Every way to decide who is told. */
export const MONITOR_NOTIFIES = ['once', 'always', 'track_state'] as const;
/** Every way to compare. */
export const MONITOR_COMPARES = ['exact', 'meaning'] as const;

/** Text that Postgres can hold. */
const text = (least: number, most: number) =>
  z
    .string()
    .trim()
    .min(least)
    .max(most)
    .regex(/^[^\0]*$/, 'must not contain the NUL character');

const url = text(1, 8192);

export const searchSchema = z.discriminatedUnion('provider', [
  z.strictObject({
    provider: z.literal('http'),
    urls: z.array(url).min(1).max(5).describe('Pages that are read.'),
    contains: text(1, 500).optional().describe('Text that must be on a page for the condition to be met.'),
    absent: text(1, 500).optional().describe('Text that must be on no page for the condition to be met.'),
  }),
  z.strictObject({
    provider: z.literal('llm'),
    urls: z.array(url).max(5).optional().describe('Pages that the model is given. Default: none.'),
    model: text(1, 200).optional().describe('A model or alias of GET /v1/models. Default: one is chosen.'),
  }),
]);

const spec = {
  // It is the subject of mail.
  name: text(1, 200).regex(/^\P{Cc}*$/u, 'must be one line, without control characters'),
  query: text(10, 500).describe('What is to be found out.'),
  condition: text(10, 500).describe('What must be so for people to be told.'),
  search: searchSchema,
  compare: z
    .enum(MONITOR_COMPARES)
    .describe('By the text itself, or by what it means, which asks a model. Default: exact for http, meaning for llm.'),
  notify: z
    .enum(MONITOR_NOTIFIES)
    .describe('Default track_state: when the condition is met and something has changed since the last run.'),
  email: z.email().max(254).nullable().describe('Whom to write to. Default: nobody.'),
  webhook_url: url.nullable().describe('Where to post to. Default: nowhere.'),
  cron: cronSchema.nullable().describe('Five fields. Default null: each result says when the next run is.'),
  timezone: timezoneSchema,
  jitter_seconds: jitterSchema,
  catchup_seconds: catchupSchema,
};

const wholeSchema = z.strictObject(spec).partial({
  compare: true,
  notify: true,
  email: true,
  webhook_url: true,
  cron: true,
  timezone: true,
  jitter_seconds: true,
  catchup_seconds: true,
});

/** The body of PUT: what is left out has its default. */
export const monitorBodySchema = wholeSchema;

/** The body of POST. */
export const newMonitorSchema = wholeSchema.extend({
  run_immediately: z
    .boolean()
    .optional()
    .describe('Whether the first run is now. Default: true without a cron, false with one.'),
});

/** The body of PATCH: what is left out stays as it is. */
export const monitorPatchSchema = z
  .strictObject(spec)
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'must name at least one field');

/** The body of a preview: a whole monitor, or what is searched of it. */
export const previewBodySchema = newMonitorSchema.partial({ name: true });

/** What a body says of a monitor; null is said, undefined is not. */
export function toChange(body: z.infer<typeof monitorPatchSchema>): Partial<MonitorSpec> {
  const { webhook_url: webhookUrl, jitter_seconds: jitterSeconds, catchup_seconds: catchupSeconds, ...same } = body;
  return { ...same, webhookUrl, jitterSeconds, catchupSeconds };
}

/** The whole monitor that a body describes. */
export function toSpec(body: z.infer<typeof monitorBodySchema>): MonitorSpec {
  const { name, query, condition, search, notify = 'track_state', email = null, cron = null } = body;
  return {
    name,
    query,
    condition,
    search,
    compare: body.compare ?? (search.provider === 'http' ? 'exact' : 'meaning'),
    notify,
    email,
    webhookUrl: body.webhook_url ?? null,
    cron,
    timezone: body.timezone ?? 'UTC',
    jitterSeconds: body.jitter_seconds ?? 0,
    catchupSeconds: body.catchup_seconds ?? 3600,
  };
}

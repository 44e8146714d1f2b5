import { FleetError, type FieldError } from '@fleet/errors';
import type { ScheduleChange, ScheduleRow } from '@fleet/store';
import { parseInput, queueFor, submittableEntryOf, type WorkflowName } from '@fleet/workflow-registry';
import type { z } from 'zod';
import { isRecord } from '@fleet/store/canonical-json';
import type { changeSchema, definitionSchema } from '../schemas/schedule';
import { queueErrorOf } from '../submission';
import { failingFields } from '../validation';

/** A whole spec, checked. */
export type Definition = Required<ScheduleChange>;

type Body = z.infer<typeof definitionSchema>;

/**
 * Checks a body with a schema, and what no schema can: the input by that of the workflow, the queue by the workflow's entry,
 * and that something starts it.
 *
 * @throws FleetError `invalid_input` with all failing fields, `unknown_workflow`; `not_supported` for a job.
 */
export function parseDefinition<B extends Body>(
  schema: z.ZodType<B>,
  body: unknown,
): { body: B; definition: Definition } {
  const sent = isRecord(body) ? body : {};
  const name = typeof sent['workflow'] === 'string' ? sent['workflow'] : undefined;
  const fields = [
    ...failingFields(() => parseInput(schema, body ?? undefined, ''), 'body'),
    ...(name === undefined ? [] : fieldsOfWorkflow(name, sent['input'], sent['queue'])),
  ].filter(({ field }, index, all) => all.findIndex((each) => each.field === field) === index);
  if (fields.length > 0) throw invalid(fields);
  const checked = parseInput(schema, body, '');
  return { body: checked, definition: definitionOf(checked) };
}

/**
 * What a row becomes by a change.
 *
 * @throws FleetError as `parseDefinition`.
 */
export function changedDefinition(row: ScheduleRow, change: z.infer<typeof changeSchema>): Definition {
  const before = {
    workflow: row.workflow,
    input: row.input,
    queue: row.queue,
    cron: row.cron,
    run_at: row.runAt?.toISOString() ?? null,
    timezone: row.timezone,
    jitter_seconds: row.jitterSeconds,
    catchup_seconds: row.catchupSeconds,
  };
  // Another workflow has another input and perhaps other queues.
  const isOther = change.workflow !== undefined && change.workflow !== row.workflow;
  const { input, queue, ...rest } = before;
  const whole = { ...rest, ...(isOther ? {} : { input, queue }), ...change } as Body;
  const fields = fieldsOfWorkflow(whole.workflow, whole.input, whole.queue);
  if (fields.length > 0) throw invalid(fields);
  // An old single run is no reason to refuse a change that does not touch it.
  return definitionOf(whole, { isRunAtNew: change.run_at !== undefined, isCronNew: change.cron !== undefined });
}

function definitionOf(body: Body, { isRunAtNew, isCronNew } = { isRunAtNew: true, isCronNew: true }): Definition {
  const { workflow, input = {}, queue, cron = null, run_at: at = null, timezone = 'UTC' } = body;
  const runAt = at === null ? null : new Date(at);
  const isPast = runAt !== null && runAt.getTime() <= Date.now();
  if (isRunAtNew && isPast) throw invalid([{ field: 'run_at', rule: 'must be later than now', got: at }]);
  if (cron === null && (runAt === null || (isCronNew && isPast)))
    throw invalid([{ field: 'cron', rule: 'must be there, or run_at: nothing would start it' }]);
  return {
    workflow,
    input,
    queue: queueFor(workflow as WorkflowName, queue),
    cron,
    runAt,
    timezone,
    jitterSeconds: body.jitter_seconds ?? 0,
    catchupSeconds: body.catchup_seconds ?? 3600,
  };
}

function fieldsOfWorkflow(name: string, input: unknown, queue: unknown): readonly FieldError[] {
  const entry = submittableEntryOf(name);
  if (entry.kind === 'job')
    throw new FleetError('not_supported', {
      operation: 'A schedule',
      subject: name,
      reason: 'it is a single activity, and schedules start workflows',
    });
  return [
    ...failingFields(() => parseInput(entry.input, input === undefined ? {} : input), 'input'),
    ...(queueErrorOf(name as WorkflowName, queue)?.fields ?? []),
  ];
}

function invalid(fields: readonly FieldError[]): FleetError {
  return new FleetError('invalid_input', { count: fields.length }, { fields });
}

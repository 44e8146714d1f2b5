import { FleetError, type FieldError } from '@fleet/errors';
import type { ScheduleRow } from '@fleet/store';
import { runsBetween } from '@fleet/temporal-client/cron';
import { z } from 'zod';
import { jobLocation } from '../locations';
import { onTemporal, runnable } from '../schedules/desk';
import { backfilledSchema, backfillSchema, scheduleSchema, toBackfilled, triggeredSchema } from '../schemas/schedule';
import type { App, Services } from '../services';
import { reasonSchema } from '../validation';
import { bringAndAnswer, scheduleParams } from './schedules';

const tags = ['schedules'];
/** Runs of one backfill: Temporal itself keeps no more of them waiting. */
const MOST_RUNS = 1000;

/** POST /v1/schedules/{id}/pause, /resume, /trigger and /backfill. */
export function registerScheduleActionRoutes(app: App, services: Services): void {
  registerPause(app, services);
  registerTrigger(app, services);
  registerBackfill(app, services);
}

function registerPause(app: App, services: Services): void {
  const body = z.strictObject({ reason: reasonSchema.describe('Shown as the note of the schedule.') }).optional();
  const common = { tags, params: scheduleParams, body, response: { 200: scheduleSchema } };
  const pause = {
    ...common,
    operationId: 'pauseSchedule',
    summary: 'Start nothing until it is resumed. No change of the schedule ends a pause.',
  };
  const resume = { ...common, operationId: 'resumeSchedule', summary: 'Start by the clock again.' };
  for (const [schema, paused] of [
    [pause, true],
    [resume, false],
  ] as const) {
    app.post(`/v1/schedules/:id/${paused ? 'pause' : 'resume'}`, { schema }, async (request, reply) => {
      const { id } = request.params;
      await runnable(services, id);
      const row = await services.store.schedules.setPaused(id, paused, request.body?.reason);
      return bringAndAnswer(services, row, reply);
    });
  }
}

function registerTrigger(app: App, services: Services): void {
  const schema = {
    operationId: 'triggerSchedule',
    summary: 'Run it now, also while it is paused. Answers with the run that goes on when there is one.',
    tags,
    params: scheduleParams,
    body: z.strictObject({}).optional(),
    response: { 202: triggeredSchema },
  };
  app.post('/v1/schedules/:id/trigger', { schema }, async ({ params: { id } }, reply) => {
    await runnable(services, id);
    const run = await onTemporal(services, id, () => services.client.triggerSchedule(id));
    const location = jobLocation(run.id);
    return reply.code(202).header('location', location).send({ workflow_id: run.id, run_id: run.runId, location });
  });
}

function registerBackfill(app: App, services: Services): void {
  const schema = {
    operationId: 'backfillSchedule',
    summary: `Make up for the runs that were due in a time, ${MOST_RUNS} at most, both ends included.`,
    tags,
    params: scheduleParams,
    body: backfillSchema,
    response: { 202: backfilledSchema },
  };
  app.post('/v1/schedules/:id/backfill', { schema }, async ({ params: { id }, body }, reply) => {
    const row = await runnable(services, id);
    const time = { from: new Date(body.from), to: new Date(body.to) };
    const fields = backfillProblems(row, time);
    if (fields.length > 0) throw new FleetError('invalid_input', { count: fields.length }, { fields });
    const { overlap = 'buffer_all' } = body;
    await onTemporal(services, id, () => services.client.backfillSchedule(id, { ...time, overlap }));
    return reply.code(202).send(toBackfilled(id, body));
  });
}

function backfillProblems(row: ScheduleRow, { from, to }: { from: Date; to: Date }): FieldError[] {
  if (to.getTime() < from.getTime()) return [{ field: 'to', rule: 'must not be before from', got: to.toISOString() }];
  if (to.getTime() > Date.now()) return [{ field: 'to', rule: 'must not be later than now', got: to.toISOString() }];
  // Before its single run the cron was not in force.
  const first = row.runAt !== null && row.runAt.getTime() > from.getTime() ? row.runAt : from;
  const runs = row.cron === null ? 0 : runsBetween(row.cron, row.timezone, first, to, MOST_RUNS + 1);
  if (runs === 0) return [{ field: 'from', rule: 'must be a time with runs: none was due', got: from.toISOString() }];
  if (runs <= MOST_RUNS) return [];
  return [{ field: 'to', rule: `must be nearer: more than ${MOST_RUNS} runs were due`, got: to.toISOString() }];
}

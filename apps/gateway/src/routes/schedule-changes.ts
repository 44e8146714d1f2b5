import { FleetError, isFleetError } from '@fleet/errors';
import type { ScheduleRow } from '@fleet/store';
import { z } from 'zod';
import { ifMatchSchema, versionIn } from '../if-match';
import { changedDefinition, parseDefinition, type Definition } from '../schedules/definition';
import { bring, changeable, type Desk } from '../schedules/desk';
import { changeSchema, definitionSchema, goneSchema, scheduleSchema } from '../schemas/schedule';
import type { App, Services } from '../services';
import { noValidation } from '../validation';
import { bringAndAnswer, scheduleParams } from './schedules';

const tags = ['schedules'];
/** Times that a change without If-Match is made again upon what others have changed meanwhile. */
const ATTEMPTS = 100;

/** PUT, PATCH and DELETE /v1/schedules/{id}. */
export function registerScheduleChangeRoutes(app: App, services: Services): void {
  const put = {
    operationId: 'replaceSchedule',
    summary: 'Replace what a schedule starts and when. A pause stays.',
    tags,
    params: scheduleParams,
    headers: ifMatchSchema,
    body: definitionSchema,
    response: { 200: scheduleSchema },
  };
  app.put('/v1/schedules/:id', { schema: put, validatorCompiler: noValidation }, async (request, reply) => {
    const { id } = idIn(request.params);
    const { definition } = parseDefinition(definitionSchema, request.body);
    const row = await change(services, id, request.headers['if-match'], () => definition);
    return bringAndAnswer(services, row, reply);
  });

  const patch = {
    operationId: 'changeSchedule',
    summary: 'Change a part of a schedule. A pause stays.',
    tags,
    params: scheduleParams,
    headers: ifMatchSchema,
    body: changeSchema,
    response: { 200: scheduleSchema },
  };
  app.patch('/v1/schedules/:id', { schema: patch }, async (request, reply) => {
    const { params, body } = request;
    if (Object.keys(body).length === 0) throw nothing();
    const row = await change(services, params.id, request.headers['if-match'], (now) => changedDefinition(now, body));
    return bringAndAnswer(services, row, reply);
  });

  registerDeletion(app, services);
}

function registerDeletion(app: App, services: Services): void {
  const schema = {
    operationId: 'deleteSchedule',
    summary: 'Delete a schedule. Runs that are going on stay. One that is not there is as good as deleted.',
    tags,
    params: scheduleParams,
    response: { 204: z.undefined(), 202: goneSchema },
  };
  app.delete('/v1/schedules/:id', { schema }, async ({ params: { id } }, reply) => {
    try {
      await changeable(services, id);
    } catch (error) {
      if (!isFleetError(error) || error.code !== 'schedule_not_found') throw error;
    }
    await services.store.schedules.markDeleted(id);
    // Also when somebody else has deleted the row: it may not be gone from Temporal yet.
    const { applied } = await bring(services, id);
    return applied ? reply.code(204).send() : reply.code(202).send({ id, applied: false as const });
  });
}

/**
 * Makes a change upon the newest version, or upon that of If-Match only.
 *
 * @throws FleetError `schedule_changed` and what `changeable` throws.
 */
async function change(
  desk: Desk,
  id: string,
  ifMatch: string | undefined,
  definition: (row: ScheduleRow) => Definition,
): Promise<ScheduleRow> {
  const expected = versionIn(ifMatch);
  for (let attempt = 1; ; attempt += 1) {
    const before = await changeable(desk, id);
    if (expected !== undefined && expected !== before.version)
      throw new FleetError('schedule_changed', { id, version: before.version, expected });
    try {
      return await desk.store.schedules.update(id, before.version, definition(before));
    } catch (error) {
      const isRaced = isFleetError(error) && error.code === 'schedule_changed';
      if (!isRaced || expected !== undefined || attempt === ATTEMPTS) throw error;
    }
  }
}

function idIn(params: unknown): { id: string } {
  const parsed = scheduleParams.safeParse(params);
  if (!parsed.success) throw new FleetError('schedule_not_found', { id: '' });
  return parsed.data;
}

function nothing(): FleetError {
  const fields = [{ field: 'body', rule: 'must change at least one field' }];
  return new FleetError('invalid_input', { count: 1 }, { fields });
}

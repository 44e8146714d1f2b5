import { randomUUID } from 'node:crypto';
import { submittableEntryOf } from '@fleet/workflow-registry';
import type { FastifyReply } from 'fastify';
import type { ScheduleRow } from '@fleet/store';
import { z } from 'zod';
import { etagOf } from '../if-match';
import { scheduleLocation } from '../locations';
import { pageOf, positionOf } from '../row-cursor';
import { parseDefinition } from '../schedules/definition';
import { bring, liveOf, type Desk } from '../schedules/desk';
import {
  newScheduleSchema,
  SCHEDULE_KINDS,
  scheduleDetailsSchema,
  scheduleSchema,
  schedulePageSchema,
  toSchedule,
  toScheduleDetails,
} from '../schemas/schedule';
import type { App, Services } from '../services';
import { cursorSchema, noValidation, queryNumber } from '../validation';

/** Path of one schedule. */
export const scheduleParams = z.object({ id: z.string().min(1).max(200) });
const tags = ['schedules'];

/** POST and GET /v1/schedules, GET /v1/schedules/{id}. */
export function registerScheduleRoutes(app: App, services: Services): void {
  registerCreation(app, services);
  registerReading(app, services);
}

/** Brings a change to Temporal, and answers with the schedule as it is then, its version as ETag. */
export async function bringAndAnswer(desk: Desk, { id }: ScheduleRow, reply: FastifyReply) {
  await bring(desk, id);
  const row = await desk.store.schedules.get(id);
  reply.header('etag', etagOf(row.version));
  return toSchedule(row);
}

function registerCreation(app: App, services: Services): void {
  const schema = {
    operationId: 'createSchedule',
    summary: 'Start a workflow by the clock.',
    tags,
    body: newScheduleSchema,
    response: { 201: scheduleSchema },
  };
  app.post('/v1/schedules', { schema, validatorCompiler: noValidation }, async (request, reply) => {
    const { body, definition } = parseDefinition(newScheduleSchema, request.body);
    const { id = `${definition.workflow}-${randomUUID()}`, paused = false, note = null } = body;
    const { owner, store } = services;
    const row = await store.schedules.create({ id, owner, kind: 'api', ...definition, paused, note });
    reply.code(201).header('location', scheduleLocation(id));
    return bringAndAnswer(services, row, reply);
  });
}

function registerReading(app: App, services: Services): void {
  const { store } = services;
  const list = {
    operationId: 'listSchedules',
    summary: 'Schedules, newest first.',
    tags,
    querystring: z.strictObject({
      kind: z.enum(SCHEDULE_KINDS).optional(),
      workflow: z.string().max(200).optional(),
      limit: queryNumber(1, 200).optional().describe('Default 50.'),
      cursor: cursorSchema,
    }),
    response: { 200: schedulePageSchema },
  };
  app.get('/v1/schedules', { schema: list }, async ({ query }) => {
    const { kind, workflow, limit = 50, cursor } = query;
    if (workflow !== undefined && kind === undefined) submittableEntryOf(workflow);
    const filter = { list: 'schedules', kind, workflow };
    const after = positionOf(filter, cursor);
    // One more than asked for tells whether there is another page.
    const rows = await store.schedules.list({ kind, workflow, after }, limit + 1);
    const { page, nextCursor } = pageOf(filter, rows, limit);
    return { schedules: page.map(toSchedule), next_cursor: nextCursor };
  });

  const get = {
    operationId: 'getSchedule',
    summary: 'One schedule, with its next and its last runs.',
    tags,
    params: scheduleParams,
    response: { 200: scheduleDetailsSchema },
  };
  app.get('/v1/schedules/:id', { schema: get }, async ({ params: { id } }, reply) => {
    const [row, seen] = await Promise.all([store.schedules.get(id), liveOf(services, id)]);
    reply.header('etag', etagOf(row.version));
    return toScheduleDetails(row, seen);
  });
}

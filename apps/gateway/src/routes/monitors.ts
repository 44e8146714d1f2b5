import type { WrittenMonitor } from '@fleet/store';
import { sha256OfJson } from '@fleet/store/canonical-json';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { etagOf, ifMatchSchema, versionIn } from '../if-match';
import { monitorLocation } from '../locations';
import { withCheckedUrls } from '../monitors/checked-urls';
import { applied, shownSchedule } from '../monitors/monitor-schedule';
import { pageOf, positionOf } from '../row-cursor';
import {
  MONITOR_STATES,
  monitorDetailsSchema,
  monitorPageSchema,
  toMonitor,
  toMonitorDetails,
} from '../schemas/monitor';
import { monitorBodySchema, monitorPatchSchema, newMonitorSchema, toChange, toSpec } from '../schemas/monitor-body';
import type { App, Services } from '../services';
import { cursorSchema, idempotencyKeySchema, queryNumber } from '../validation';

export const monitorTags = ['monitors'];
export const monitorParams = z.object({ id: z.string().min(1).max(200) });
/** How many a page of anything about monitors has. */
export const pageLimit = queryNumber(1, 100).optional().describe('Default 50.');

/** POST and GET /v1/monitors; GET, PUT, PATCH and DELETE /v1/monitors/{id}. */
export function registerMonitorRoutes(app: App, services: Services): void {
  registerCreation(app, services);
  registerReading(app, services);
  registerChanges(app, services);
  registerDeletion(app, services);
}

function registerCreation(app: App, services: Services): void {
  const schema = {
    operationId: 'createMonitor',
    summary: 'Watch something from now on.',
    tags: monitorTags,
    headers: z.object({
      'idempotency-key': idempotencyKeySchema.describe(
        'The same key and body again: the same monitor, without its secret.',
      ),
    }),
    body: newMonitorSchema,
    response: { 201: monitorDetailsSchema },
  };
  app.post('/v1/monitors', { schema }, async ({ body, headers: { 'idempotency-key': key } }, reply) => {
    const { run_immediately, ...said } = body;
    const request = key === undefined ? undefined : { key, bodySha256: sha256OfJson(body) };
    const spec = withCheckedUrls(toSpec(said), services.monitorPolicy);
    const runImmediately = run_immediately ?? spec.cron === null;
    const written = await services.store.monitors.create({ ...spec, owner: services.owner, runImmediately, request });
    if (written.replayed) reply.header('idempotency-replayed', 'true');
    return reply
      .code(201)
      .header('location', monitorLocation(written.monitor.id))
      .send(await answer(services, reply, written));
  });
}

function registerReading(app: App, services: Services): void {
  const { store } = services;
  const list = {
    operationId: 'listMonitors',
    summary: 'Monitors, newest first.',
    tags: monitorTags,
    querystring: z.strictObject({
      state: z.enum(MONITOR_STATES).optional(),
      owner: z.string().min(1).max(200).optional(),
      limit: pageLimit,
      cursor: cursorSchema,
    }),
    response: { 200: monitorPageSchema },
  };
  app.get('/v1/monitors', { schema: list }, async ({ query: { state, owner, limit = 50, cursor } }) => {
    const filter = { state, owner };
    const after = positionOf(filter, cursor);
    const { page, nextCursor } = pageOf(filter, await store.monitors.list({ ...filter, after }, limit + 1), limit);
    return { monitors: page.map(toMonitor), next_cursor: nextCursor };
  });

  const get = {
    operationId: 'getMonitor',
    summary: 'One monitor with its next run.',
    tags: monitorTags,
    params: monitorParams,
    response: { 200: monitorDetailsSchema },
  };
  app.get('/v1/monitors/:id', { schema: get }, async ({ params: { id } }, reply) => {
    const monitor = await store.monitors.get(id);
    reply.header('etag', etagOf(monitor.version));
    return toMonitorDetails(monitor, await shownSchedule(services, id, monitor.applied));
  });
}

function registerChanges(app: App, services: Services): void {
  const { store, monitorPolicy } = services;
  const schema = {
    tags: monitorTags,
    params: monitorParams,
    headers: ifMatchSchema,
    response: { 200: monitorDetailsSchema },
  };
  const put = {
    ...schema,
    operationId: 'replaceMonitor',
    summary: 'Change all of a monitor: what is left out gets its default. Its state, and what it has seen, stay.',
    body: monitorBodySchema,
  };
  app.put('/v1/monitors/:id', { schema: put }, async ({ params: { id }, headers, body }, reply) => {
    const spec = withCheckedUrls(toSpec(body), monitorPolicy);
    return answer(services, reply, await store.monitors.update(id, spec, versionIn(headers['if-match'])));
  });
  const patch = {
    ...schema,
    operationId: 'changeMonitor',
    summary: 'Change some of a monitor: what is left out stays as it is.',
    body: monitorPatchSchema,
  };
  app.patch('/v1/monitors/:id', { schema: patch }, async ({ params: { id }, headers, body }, reply) => {
    const change = withCheckedUrls(toChange(body), monitorPolicy);
    return answer(services, reply, await store.monitors.update(id, change, versionIn(headers['if-match'])));
  });
}

function registerDeletion(app: App, services: Services): void {
  const schema = {
    operationId: 'deleteMonitor',
    summary: 'Delete a monitor with its runs. One that is not there counts as deleted.',
    tags: monitorTags,
    params: monitorParams,
    response: { 204: z.null().describe('It is gone.') },
  };
  app.delete('/v1/monitors/:id', { schema }, async ({ params: { id } }, reply) => {
    await services.store.monitors.delete(id);
    await applied(services, id);
    return reply.code(204).send(null);
  });
}

/** What a change came to, once Temporal has been told. */
export async function answer(
  services: Services,
  reply: FastifyReply,
  { monitor, webhookSecret }: WrittenMonitor,
): Promise<z.infer<typeof monitorDetailsSchema>> {
  const isApplied = await applied(services, monitor.id);
  reply.header('etag', etagOf(monitor.version));
  // A secret is not for the caches on the way.
  if (webhookSecret !== undefined) reply.header('cache-control', 'no-store');
  return toMonitorDetails(monitor, await shownSchedule(services, monitor.id, isApplied), webhookSecret);
}

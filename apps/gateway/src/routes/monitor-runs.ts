import { FleetError } from '@fleet/errors';
import { z } from 'zod';
import { executionLocation } from '../locations';
import { withCheckedUrls } from '../monitors/checked-urls';
import { previewMonitor } from '../monitors/preview';
import { runMonitor } from '../monitors/run-monitor';
import { pageOf, positionOf } from '../row-cursor';
import {
  EXECUTION_STATUSES,
  executionPageSchema,
  executionSchema,
  noticePageSchema,
  previewSchema,
  runBodySchema,
  runSchema,
  toExecution,
  toNotice,
  toPreview,
} from '../schemas/monitor-run';
import { previewBodySchema } from '../schemas/monitor-body';
import type { App, Services } from '../services';
import { cursorSchema, idempotencyKeySchema } from '../validation';
import { monitorParams, monitorTags, pageLimit } from './monitors';

/** POST /v1/monitors/preview and /v1/monitors/{id}/run; GET /v1/monitors/{id}/executions, /executions/{execution_id} and /notifications. */
export function registerMonitorRunRoutes(app: App, services: Services): void {
  registerPreview(app, services);
  registerRun(app, services);
  registerExecutions(app, services);
  registerNotices(app, services);
}

function registerPreview(app: App, services: Services): void {
  const schema = {
    operationId: 'previewMonitor',
    summary: 'What a monitor would see now. Nothing is kept, nobody is told; waits for it for 60 s at most.',
    tags: monitorTags,
    body: previewBodySchema,
    response: { 200: previewSchema },
  };
  app.post('/v1/monitors/preview', { schema }, async ({ body: { query, condition, search, webhook_url: webhook } }) => {
    const checked = withCheckedUrls({ search, webhookUrl: webhook ?? null }, services.monitorPolicy);
    return toPreview(await previewMonitor(services, { query, condition, search: checked.search }));
  });
}

function registerRun(app: App, services: Services): void {
  const schema = {
    operationId: 'runMonitor',
    summary: 'Run it now, in whatever state it is. One run of a monitor is open at a time.',
    tags: monitorTags,
    params: monitorParams,
    headers: z.object({
      'idempotency-key': idempotencyKeySchema.describe('The same key again: the same run.'),
    }),
    body: runBodySchema,
    response: { 202: runSchema },
  };
  app.post('/v1/monitors/:id/run', { schema }, async ({ params: { id }, headers, body }, reply) => {
    const suppress = body?.suppress_notifications ?? false;
    const { executionId, workflowId } = await runMonitor(services, id, suppress, headers['idempotency-key']);
    const location = executionLocation(id, executionId);
    return reply
      .code(202)
      .header('location', location)
      .send({ execution_id: executionId, workflow_id: workflowId, location });
  });
}

function registerExecutions(app: App, { store }: Services): void {
  const list = {
    operationId: 'listMonitorExecutions',
    summary: 'The runs of a monitor, newest first.',
    tags: monitorTags,
    params: monitorParams,
    querystring: z.strictObject({
      status: z.enum(EXECUTION_STATUSES).optional(),
      limit: pageLimit,
      cursor: cursorSchema,
    }),
    response: { 200: executionPageSchema },
  };
  app.get('/v1/monitors/:id/executions', { schema: list }, async ({ params, query }) => {
    const { status, limit = 50, cursor } = query;
    const filter = { monitorId: params.id, status };
    const after = positionOf(filter, cursor);
    await store.monitors.get(params.id);
    const rows = await store.monitorExecutions.list({ ...filter, after }, limit + 1);
    const { page, nextCursor } = pageOf(filter, rows, limit);
    return { executions: page.map(toExecution), next_cursor: nextCursor };
  });

  const get = {
    operationId: 'getMonitorExecution',
    summary: 'One run: what it saw, and why it did or did not tell anybody.',
    tags: monitorTags,
    params: monitorParams.extend({ execution_id: z.string().min(1).max(200) }),
    response: { 200: executionSchema },
  };
  app.get('/v1/monitors/:id/executions/:execution_id', { schema: get }, async ({ params }) => {
    const row = await store.monitorExecutions.get(params.execution_id);
    if (row.monitorId !== params.id) throw new FleetError('execution_not_found', { id: params.execution_id });
    return toExecution(row);
  });
}

function registerNotices(app: App, { store }: Services): void {
  const list = {
    operationId: 'listMonitorNotifications',
    summary: 'Whom a monitor has told, newest first, and how that went.',
    tags: monitorTags,
    params: monitorParams,
    querystring: z.strictObject({
      execution_id: z.string().min(1).max(200).optional(),
      limit: pageLimit,
      cursor: cursorSchema,
    }),
    response: { 200: noticePageSchema },
  };
  app.get('/v1/monitors/:id/notifications', { schema: list }, async ({ params, query }) => {
    const { execution_id: executionId, limit = 50, cursor } = query;
    const filter = { monitorId: params.id, executionId };
    const after = positionOf(filter, cursor);
    await store.monitors.get(params.id);
    const { page, nextCursor } = pageOf(filter, await store.notices.list({ ...filter, after }, limit + 1), limit);
    return { notifications: page.map(toNotice), next_cursor: nextCursor };
  });
}

import { z } from 'zod';
import { executionPageSchema, schedulePageSchema, toExecution, toSchedule } from '../schemas/admin';
import { JOB_STATUSES } from '../schemas/job';
import type { App, Services } from '../services';
import { cursorSchema, defined, queryNumber } from '../validation';

const tags = ['admin'];
const limit = queryNumber(1, 200).optional().describe('Default 50.');

/** GET /admin/temporal/workflows and /admin/temporal/schedules; security.ts lets only administrators in. */
export function registerAdminRoutes(app: App, { client, ui }: Services): void {
  const workflows = {
    operationId: 'adminListWorkflows',
    summary: 'Every workflow of the namespace that was started lately, whoever started it.',
    tags,
    querystring: z.strictObject({
      hours: queryNumber(1, 168).optional().describe('Those started within so many hours. Default 24.'),
      status: z.enum(JOB_STATUSES).optional(),
      workflow_type: z.string().min(1).max(1000).optional(),
      limit,
      cursor: cursorSchema,
    }),
    response: { 200: executionPageSchema },
  };
  app.get('/admin/temporal/workflows', { schema: workflows }, async ({ query }) => {
    const { workflow_type: workflowType, ...rest } = query;
    const { items, nextCursor } = await client.admin.executions(defined({ ...rest, workflowType }));
    return { workflows: items.map((item) => toExecution(item, ui)), next_cursor: nextCursor ?? null };
  });

  const schedules = {
    operationId: 'adminListSchedules',
    summary: 'Every schedule of the namespace, whoever made it.',
    tags,
    querystring: z.strictObject({ limit, cursor: cursorSchema }),
    response: { 200: schedulePageSchema },
  };
  app.get('/admin/temporal/schedules', { schema: schedules }, async ({ query }) => {
    const { items, nextCursor } = await client.admin.schedules(defined(query));
    return { schedules: items.map((item) => toSchedule(item, ui)), next_cursor: nextCursor ?? null };
  });
}

import { z } from 'zod';
import { decide } from '../decide';
import { pageOf, positionOf } from '../row-cursor';
import {
  APPROVAL_STATUSES,
  APPROVAL_TYPES,
  approvalDetailsSchema,
  approvalPageSchema,
  approvalSchema,
  decisionSchema,
  toApproval,
  toApprovalDetails,
} from '../schemas/approval';
import type { App, Services } from '../services';
import { cursorSchema, idempotencyKeySchema, queryNumber } from '../validation';

const tags = ['approvals'];
const params = z.object({ id: z.string().min(1).max(200) });

/** GET /v1/approvals, GET /v1/approvals/{id} and POST /v1/approvals/{id}/decision. */
export function registerApprovalRoutes(app: App, services: Services): void {
  registerReading(app, services);
  registerDecision(app, services);
}

function registerReading(app: App, { store }: Services): void {
  const list = {
    operationId: 'listApprovals',
    summary: 'What people are asked to decide, newest first.',
    tags,
    querystring: z.strictObject({
      status: z.enum(APPROVAL_STATUSES).optional(),
      type: z.enum(APPROVAL_TYPES).optional(),
      owner: z.string().min(1).max(200).optional(),
      workflow_id: z.string().min(1).max(1000).optional(),
      limit: queryNumber(1, 200).optional().describe('Default 50.'),
      cursor: cursorSchema,
    }),
    response: { 200: approvalPageSchema },
  };
  app.get('/v1/approvals', { schema: list }, async ({ query }) => {
    const { status, type, owner, workflow_id: workflowId, limit = 50, cursor } = query;
    const filter = { status, type, owner, workflowId };
    const after = positionOf(filter, cursor);
    const { page, nextCursor } = pageOf(filter, await store.approvals.list({ ...filter, after }, limit + 1), limit);
    return { approvals: page.map(toApproval), next_cursor: nextCursor };
  });

  const get = {
    operationId: 'getApproval',
    summary: 'One request with its audit log.',
    tags,
    params,
    response: { 200: approvalDetailsSchema },
  };
  app.get('/v1/approvals/:id', { schema: get }, async ({ params: { id } }) => {
    const [row, audit] = await Promise.all([store.approvals.get(id), store.approvals.audit(id)]);
    return toApprovalDetails(row, audit);
  });
}

function registerDecision(app: App, services: Services): void {
  const headers = z.object({
    'idempotency-key': idempotencyKeySchema.describe('The same key again: the same answer instead of 409.'),
  });
  const schema = {
    operationId: 'decideApproval',
    summary: 'Approve, reject or modify. The first decision wins; the next one is answered with 409 and who it was.',
    tags,
    params,
    headers,
    body: decisionSchema,
    response: { 200: approvalSchema },
  };
  app.post('/v1/approvals/:id/decision', { schema }, async ({ params: { id }, body, headers: sent }) =>
    toApproval(await decide(services, id, body, sent['idempotency-key'])),
  );
}

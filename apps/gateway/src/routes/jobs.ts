import { TASK_QUEUE_NAMES, type TaskQueueName } from '@fleet/task-queues';
import { WORKFLOW_NAMES } from '@fleet/workflow-registry';
import { z } from 'zod';
import { jobLocation } from '../locations';
import {
  endedSchema,
  historyPageSchema,
  JOB_STATUSES,
  jobPageSchema,
  jobSchema,
  pendingSchema,
  submittedSchema,
  toEnded,
  toHistoryEvent,
  toJob,
  toJobSummary,
  toSubmitted,
} from '../schemas/job';
import type { App, Services } from '../services';
import { parseSubmission, submissionSchema } from '../submission';
import { submit } from '../submit';
import { cursorSchema, defined, noValidation, queryNumber } from '../validation';
import { waitSchema } from '../wait';

/** Jobs of others may have ids that we would not accept for a new one. */
export const jobParams = z.object({ id: z.string().min(1).max(1000) });
const tags = ['jobs'];

/** POST and GET /v1/jobs, GET /v1/jobs/{id}, /result and /history. */
export function registerJobRoutes(app: App, services: Services): void {
  registerSubmission(app, services);
  registerList(app, services);
  registerReading(app, services);
  registerResult(app, services);
}

function registerSubmission(app: App, services: Services): void {
  const headers = z.object({
    'idempotency-key': z.string().optional().describe('The same key and body: the same answer.'),
  });
  const schema = {
    operationId: 'submitJob',
    summary: 'Start a job.',
    tags,
    headers,
    body: submissionSchema,
    response: { 202: submittedSchema },
  };
  app.post('/v1/jobs', { schema, validatorCompiler: noValidation }, async (request, reply) => {
    const submission = parseSubmission(request.body, request.headers['idempotency-key']);
    const [job, hasPollers] = await Promise.all([
      submit(services, submission),
      hasPollersOn(services, submission.queue),
    ]);
    if (!hasPollers) {
      services.metrics.countNoPoller(job.queue);
      request.log.warn({ queue: job.queue, workflow_id: job.id }, 'no worker polls the queue');
    }
    return reply.code(202).header('location', jobLocation(job.id)).send(toSubmitted(job, hasPollers));
  });
}

function registerList(app: App, { client, store }: Services): void {
  const querystring = z.strictObject({
    workflow: z.enum(WORKFLOW_NAMES).optional(),
    queue: z.enum(TASK_QUEUE_NAMES).optional(),
    status: z.enum(JOB_STATUSES).optional(),
    limit: queryNumber(1, 200).optional().describe('Default 50.'),
    cursor: cursorSchema,
  });
  const schema = {
    operationId: 'listJobs',
    summary: 'Jobs, newest first.',
    tags,
    querystring,
    response: { 200: jobPageSchema },
  };
  app.get('/v1/jobs', { schema }, async (request) => {
    const { items, nextCursor } = await client.list({ limit: 50, ...defined(request.query) });
    const owners = await store.jobs.owners(items.map(({ id }) => id));
    return { jobs: items.map((job) => toJobSummary(job, owners.get(job.id))), next_cursor: nextCursor ?? null };
  });
}

function registerReading(app: App, { client, store }: Services): void {
  const schema = { operationId: 'getJob', summary: 'One job.', tags, params: jobParams, response: { 200: jobSchema } };
  app.get('/v1/jobs/:id', { schema }, async ({ params: { id } }) => {
    const [job, row] = await Promise.all([client.describe(id), store.jobs.find(id)]);
    return toJob(job, row?.owner);
  });

  const querystring = z.strictObject({
    limit: queryNumber(1, 1000)
      .optional()
      .describe('Default 100. A page may have a few more: Temporal does not split a batch of events.'),
    cursor: cursorSchema,
  });
  const historySchema = {
    operationId: 'getJobHistory',
    summary: 'The events of a workflow, oldest first.',
    tags,
    params: jobParams,
    querystring,
    response: { 200: historyPageSchema },
  };
  app.get('/v1/jobs/:id/history', { schema: historySchema }, async ({ params, query }) => {
    const { items, nextCursor } = await client.history(params.id, defined(query));
    return { events: items.map(toHistoryEvent), next_cursor: nextCursor ?? null };
  });
}

function registerResult(app: App, { client, lifecycle }: Services): void {
  const schema = {
    operationId: 'getJobResult',
    summary: 'How a job ended; waits for its end for a while when asked to.',
    tags,
    params: jobParams,
    querystring: z.strictObject({ wait: waitSchema }),
    response: { 200: endedSchema, 202: pendingSchema },
  };
  app.get('/v1/jobs/:id/result', { schema }, async ({ params: { id }, query }, reply) => {
    const result = await lifecycle.untilDraining(client.result(id, { waitMs: query.wait ?? 0 }));
    const ended = result && toEnded(id, result);
    if (ended) return reply.code(200).send(ended);
    const pending = { workflow_id: id, status: result?.status ?? 'running', location: jobLocation(id) };
    return reply.code(202).header('retry-after', 1).send(pending);
  });
}

/** Only worth a warning: a Temporal too busy to say does not undo the start. */
async function hasPollersOn({ client }: Services, queue: TaskQueueName): Promise<boolean> {
  return client.hasPollers(queue).catch(() => true);
}

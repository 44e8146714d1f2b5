import { z } from 'zod';
import { jobLocation } from '../locations';
import { acceptedSchema, submittedSchema, toAccepted, toSubmitted } from '../schemas/job';
import type { App, Services } from '../services';
import { reasonSchema } from '../validation';
import { jobParams } from './jobs';

const tags = ['jobs'];
const namedParams = jobParams.extend({ name: z.string().min(1).max(200) });
const reasonBody = z.strictObject({ reason: reasonSchema }).optional();

/** POST /v1/jobs/{id}/cancel, /terminate, /signal/{name} and /retry; GET /query/{name}. */
export function registerJobActionRoutes(app: App, services: Services): void {
  registerEnding(app, services);
  registerMessages(app, services);
  registerRetry(app, services);
}

function registerEnding(app: App, { client }: Services): void {
  const common = { tags, params: jobParams, body: reasonBody, response: { 202: acceptedSchema } };
  const cancel = { ...common, operationId: 'cancelJob', summary: 'Ask a job to stop; it may clean up first.' };
  app.post('/v1/jobs/:id/cancel', { schema: cancel }, async ({ params: { id }, body }, reply) => {
    await client.cancel(id, body?.reason);
    return reply.code(202).send(toAccepted(id));
  });

  const terminate = { ...common, operationId: 'terminateJob', summary: 'End a job at once.' };
  app.post('/v1/jobs/:id/terminate', { schema: terminate }, async ({ params: { id }, body }, reply) => {
    await client.terminate(id, body?.reason);
    return reply.code(202).send(toAccepted(id));
  });
}

function registerMessages(app: App, { client }: Services): void {
  const signal = {
    operationId: 'signalJob',
    summary: 'Send a signal to a workflow.',
    tags,
    params: namedParams,
    body: z.strictObject({ args: z.array(z.unknown()).max(20).optional() }).optional(),
    response: { 202: acceptedSchema },
  };
  app.post('/v1/jobs/:id/signal/:name', { schema: signal }, async ({ params: { id, name }, body }, reply) => {
    await client.signal(id, name, body?.args ?? []);
    return reply.code(202).send(toAccepted(id));
  });

  const query = {
    operationId: 'queryJob',
    summary: 'Ask a workflow about its state.',
    tags,
    params: namedParams,
    response: { 200: z.object({ result: z.unknown() }) },
  };
  app.get('/v1/jobs/:id/query/:name', { schema: query }, async ({ params: { id, name } }) => {
    return { result: (await client.query(id, name)) ?? null };
  });
}

function registerRetry(app: App, { client, metrics, owner }: Services): void {
  const schema = {
    operationId: 'retryJob',
    summary: 'Run an ended job again, with the same input.',
    tags,
    params: jobParams,
    body: z.strictObject({}).optional(),
    response: { 202: submittedSchema },
  };
  app.post('/v1/jobs/:id/retry', { schema }, async ({ params: { id } }, reply) => {
    const job = await client.retry(id, owner);
    const hasPollers = await client.hasPollers(job.queue).catch(() => true);
    if (!hasPollers) metrics.countNoPoller(job.queue);
    return reply.code(202).header('location', jobLocation(job.id)).send(toSubmitted(job, hasPollers));
  });
}

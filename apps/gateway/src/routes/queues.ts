import { FleetError } from '@fleet/errors';
import { isTaskQueueName, TASK_QUEUE_NAMES, type TaskQueueName } from '@fleet/task-queues';
import { z } from 'zod';
import { queueSchema, toQueue } from '../schemas/queue';
import type { App, Services } from '../services';
import { reasonSchema } from '../validation';

const tags = ['queues'];

/** GET /v1/queues, GET and PATCH /v1/queues/{name}. */
export function registerQueueRoutes(app: App, { client }: Services): void {
  const list = {
    operationId: 'listQueues',
    summary: 'The four queues: settings, rate and who set it, load.',
    tags,
    response: { 200: z.object({ queues: z.array(queueSchema) }) },
  };
  app.get('/v1/queues', { schema: list }, async () => ({ queues: (await client.queues()).map(toQueue) }));

  const params = z.object({ name: z.string().max(200) });
  const one = { operationId: 'getQueue', summary: 'One queue.', tags, params, response: { 200: queueSchema } };
  app.get('/v1/queues/:name', { schema: one }, async ({ params: { name } }) =>
    toQueue(await client.queue(known(name))),
  );

  const body = z.strictObject({
    rate: z
      .number()
      .min(0)
      .max(1000)
      .nullable()
      .describe('Activities per second; 0 pauses, null gives it back to the table.'),
    reason: reasonSchema.describe('Kept with the rate and shown by GET.'),
  });
  const change = {
    operationId: 'setQueueRate',
    summary: 'Set the rate of a queue, at once and for all its workers.',
    tags,
    params,
    body,
    response: { 200: queueSchema },
  };
  app.patch('/v1/queues/:name', { schema: change }, async ({ params: { name }, body: { rate, reason } }) => {
    return toQueue(await client.setRate(known(name), rate, reason));
  });
}

function known(name: string): TaskQueueName {
  if (isTaskQueueName(name)) return name;
  const got = JSON.stringify(name.slice(0, 100));
  throw new FleetError('unknown_queue', { got, names: TASK_QUEUE_NAMES.join(', ') });
}

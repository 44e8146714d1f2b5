import { z } from 'zod';
import { toWorker, workerSchema } from '../schemas/queue';
import type { App, Services } from '../services';

/** GET /v1/workers. */
export function registerWorkerRoutes(app: App, { client }: Services): void {
  const schema = {
    operationId: 'listWorkers',
    summary: 'The worker processes that Temporal hears from.',
    tags: ['queues'],
    response: { 200: z.object({ workers: z.array(workerSchema) }) },
  };
  app.get('/v1/workers', { schema }, async () => ({ workers: (await client.workers()).map(toWorker) }));
}

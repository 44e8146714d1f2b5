import { z } from 'zod';
import { job } from '../entry';
import type { CleanUpArtifactsInput, CleanUpArtifactsOutput } from '../messages';

export const cleanUpArtifacts = job<CleanUpArtifactsInput, CleanUpArtifactsOutput>({
  description: 'Deletes artefacts older than a number of days, batch by batch.',
  queue: 'background',
  allowedQueues: ['background', 'scheduled'],
  version: 1,
  timeouts: { startToCloseMs: 30 * 60_000, heartbeatMs: 10_000 },
  retry: { attempts: 5, initialMs: 1000, backoff: 2, maximumMs: 60_000 },
  input: z.strictObject({
    olderThanDays: z.number().int().min(1).max(3650).optional(),
    batchSize: z.number().int().min(1).max(1000).optional(),
  }),
  output: z.object({ deleted: z.number(), bytes: z.number() }),
  example: { olderThanDays: 30 },
});

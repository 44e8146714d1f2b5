import { z } from 'zod';
import { job } from '../entry';
import type { PruneRecordsInput, PruneRecordsOutput } from '../messages';

const days = z.number().int().min(1).max(3650).optional();

export const pruneRecords = job<PruneRecordsInput, PruneRecordsOutput>({
  description:
    'Deletes old lines of the log of chats, points, events, calls of providers, idempotency keys, journals, runs of monitors and notices.',
  queue: 'background',
  allowedQueues: ['background', 'scheduled'],
  version: 1,
  timeouts: { startToCloseMs: 30 * 60_000, heartbeatMs: 10_000 },
  retry: { attempts: 5, initialMs: 1000, backoff: 2, maximumMs: 60_000 },
  input: z.strictObject({ logDays: days, pointDays: days, eventDays: days, journalDays: days }),
  output: z.object({
    chatLog: z.number(),
    points: z.number(),
    events: z.number(),
    providerCalls: z.number(),
    idempotencyKeys: z.number(),
    journals: z.number(),
    executions: z.number(),
    notices: z.number(),
  }),
  example: { logDays: 90, pointDays: 7, eventDays: 7, journalDays: 7 },
});

import { z } from 'zod';
import { workflow } from '../entry';
import type { DailyMaintenanceInput, DailyMaintenanceOutput } from '../messages';
import { pruneRecords } from './prune-records';

export const dailyMaintenance = workflow<DailyMaintenanceInput, DailyMaintenanceOutput>({
  description:
    'The nightly upkeep on the background queue: cleans up artefacts, settles approvals nobody waits for, prunes records.',
  queue: 'scheduled',
  allowedQueues: ['scheduled'],
  version: 2,
  timeouts: { executionMs: 6 * 3_600_000 },
  signals: [],
  queries: ['progress'],
  input: z.strictObject({ olderThanDays: z.number().int().min(1).max(3650).optional() }),
  output: z.object({
    cleanUp: z.object({ deleted: z.number(), bytes: z.number() }),
    approvals: z.object({ settled: z.number() }),
    pruned: pruneRecords.output,
  }),
  example: { olderThanDays: 30 },
});

import { z } from 'zod';
import { workflow } from '../entry';
import type { DailyMaintenanceInput, DailyMaintenanceOutput } from '../messages';
import { pruneRecords } from './prune-records';

export const dailyMaintenance = workflow<DailyMaintenanceInput, DailyMaintenanceOutput>({
  description: 'The nightly upkeep: cleans up artefacts and prunes records on the background queue.',
  queue: 'scheduled',
  allowedQueues: ['scheduled'],
  version: 1,
  timeouts: { executionMs: 6 * 3_600_000 },
  signals: [],
  queries: ['progress'],
  input: z.strictObject({ olderThanDays: z.number().int().min(1).max(3650).optional() }),
  output: z.object({
    cleanUp: z.object({ deleted: z.number(), bytes: z.number() }),
    pruned: pruneRecords.output.optional(),
  }),
  example: { olderThanDays: 30 },
});

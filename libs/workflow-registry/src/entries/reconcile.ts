import { z } from 'zod';
import { workflow } from '../entry';
import type { ReconcileInput, ReconcileOutput } from '../messages';

const finding = z.object({ count: z.number(), ids: z.array(z.string()) });

export const reconcile = workflow<ReconcileInput, ReconcileOutput>({
  description:
    'Brings schedules, monitors and their runs back together after a crash; hourly, and when the fleet starts.',
  queue: 'background',
  allowedQueues: ['background'],
  version: 1,
  timeouts: { executionMs: 30 * 60_000 },
  signals: [],
  queries: ['progress'],
  input: z.strictObject({
    dryRun: z.boolean().optional(),
    openMinutes: z.number().int().min(30).max(1440).optional(),
  }),
  output: z.object({
    dryRun: z.boolean(),
    schedules: z.object({
      applied: z.number(),
      orphans: finding,
      missing: finding,
      withoutMonitor: finding,
      stalled: finding,
    }),
    monitors: z.object({ withoutSchedule: finding }),
    notices: z.object({ unsent: finding }),
    executions: z.object({ abandoned: finding }),
  }),
  example: { dryRun: true },
});

import { z } from 'zod';
import { job } from '../entry';
import type { SettleAbandonedApprovalsOutput } from '../messages';

export const settleAbandonedApprovals = job<Readonly<Record<string, never>>, SettleAbandonedApprovalsOutput>({
  description: 'Settles requests for approval whose workflow was terminated or timed out, as canceled by termination.',
  queue: 'background',
  allowedQueues: ['background', 'scheduled'],
  version: 1,
  timeouts: { startToCloseMs: 30 * 60_000, heartbeatMs: 10_000 },
  retry: { attempts: 5, initialMs: 1000, backoff: 2, maximumMs: 60_000 },
  input: z.strictObject({}),
  output: z.object({ settled: z.number() }),
  example: {},
});

import { z } from 'zod';
import { workflow } from '../entry';
import type { DeliverNoticeInput, DeliverNoticeOutput } from '../messages';

export const deliverNotice = workflow<DeliverNoticeInput, DeliverNoticeOutput>({
  description: 'Sends one notice of a monitor by email or webhook, and tries again after 1, 5 and 15 minutes.',
  queue: 'standard',
  allowedQueues: ['standard'],
  version: 1,
  // Only a run of a monitor may tell people, within the limits that its notices were opened under.
  internal: true,
  // 21 minutes of pauses; the rest is for a Postgres that is away.
  timeouts: { executionMs: 7 * 86_400_000 },
  signals: [],
  queries: ['progress'],
  input: z.strictObject({ noticeId: z.string().min(1).max(100) }),
  output: z.object({
    status: z.enum(['delivered', 'failed', 'gone']),
    attempts: z.number(),
    reason: z.string().optional(),
  }),
  example: { noticeId: 'ntc_0123456789abcdefghjk' },
});

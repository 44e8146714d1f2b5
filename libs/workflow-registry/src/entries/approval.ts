import { z } from 'zod';
import { workflow } from '../entry';
import { DECIDE_UPDATE, LONGEST_APPROVAL_MS, type ApprovalInput, type ApprovalOutcome } from '../messages';

/** Time for its first and last step while Postgres is away, beside the time it waits. */
const MARGIN_MS = 86_400_000;

/** Text that Postgres can hold: a request that it refuses would fail after it was taken. */
const text = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^[^\0]*$/, 'must not contain the NUL character');

export const approval = workflow<ApprovalInput, ApprovalOutcome>({
  description: 'Asks a person to approve, reject or modify, and waits for the first decision or the time-out.',
  queue: 'standard',
  allowedQueues: ['high', 'standard', 'background'],
  version: 1,
  timeouts: { executionMs: LONGEST_APPROVAL_MS + MARGIN_MS },
  signals: [],
  queries: ['status', 'progress', 'result'],
  updates: [DECIDE_UPDATE],
  input: z.strictObject({
    type: z.enum(['approval', 'feedback', 'input', 'annotation']).optional(),
    action: text(500),
    summary: text(2000),
    payload: z.unknown().optional(),
    confidence: z.number().min(0).max(1).optional(),
    risk: z.enum(['low', 'medium', 'high', 'critical']).optional(),
    timeoutMs: z.number().int().min(1000).max(LONGEST_APPROVAL_MS).optional(),
  }),
  output: z.object({
    approvalId: z.string(),
    status: z.enum(['approved', 'rejected', 'modified', 'timed_out', 'canceled']),
    via: z.enum(['human', 'policy', 'timeout', 'cancellation']),
    by: z.string(),
    decidedAt: z.number(),
    comment: z.string().optional(),
    value: z.unknown().optional(),
  }),
  example: { action: 'payments.refund', summary: 'Refund order 17', payload: { amount: 12 }, risk: 'low' },
});

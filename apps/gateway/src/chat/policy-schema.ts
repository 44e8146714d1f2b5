import type { ChatMode, ChatPolicy } from '@fleet/workflow-registry/messages';
import { z } from 'zod';

const MODES = ['normal', 'cheap', 'high_confidence', 'planning', 'adversarial'] as const satisfies readonly ChatMode[];

/** What the choice of a model is bound by, as callers write it. */
export const policySchema = z.strictObject({
  mode: z.enum(MODES).optional().describe('Default normal.'),
  max_budget_usd: z.number().min(0).max(100).optional().describe('US dollars of one answer; 0 = no limit.'),
  max_latency_ms: z.int().min(0).max(300_000).optional().describe('For the whole request; 0 = 120,000.'),
  min_weight: z.number().min(0).max(10).optional().describe('Least weight of the model.'),
  estimated_output_tokens: z.int().min(1).max(1_000_000).optional().describe('Default 512.'),
});

/** The policy of a request; none when nothing was said. */
export function toPolicy(policy: z.infer<typeof policySchema> = {}): ChatPolicy {
  return {
    ...(policy.mode !== undefined && { mode: policy.mode }),
    ...(policy.max_budget_usd !== undefined && { maxBudgetUsd: policy.max_budget_usd }),
    ...(policy.max_latency_ms !== undefined && { maxLatencyMs: policy.max_latency_ms }),
    ...(policy.min_weight !== undefined && { minWeight: policy.min_weight }),
    ...(policy.estimated_output_tokens !== undefined && { estimatedOutputTokens: policy.estimated_output_tokens }),
  };
}

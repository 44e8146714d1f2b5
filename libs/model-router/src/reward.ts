import type { RewardArm } from './router-state';

const COST_OF_NO_REWARD = 0.1;
const LEAST_LATENCY_BUDGET_MS = 1000;
const DEFAULT_LATENCY_BUDGET_MS = 120_000;

/** What a reward is made of. */
export interface RewardFacts {
  readonly success: boolean;
  /** US dollars. */
  readonly costUsd: number;
  readonly latencyMs: number;
  /** The request's own limit, milliseconds; 0 = 120,000, as in a policy. */
  readonly latencyBudgetMs: number;
}

/**
 * The reward of one answer, 0 to 1: 0 for a failure, else 0.4 for the success, up to 0.3 for its price (nothing left at
 * $0.10) and up to 0.3 for its latency (nothing left at the budget, which counts as 1,000 ms at least).
 */
export function rewardOf({ success, costUsd, latencyMs, latencyBudgetMs }: RewardFacts): number {
  if (!success) return 0;
  const budget = Math.max(latencyBudgetMs || DEFAULT_LATENCY_BUDGET_MS, LEAST_LATENCY_BUDGET_MS);
  return 0.4 + 0.3 * (1 - Math.min(costUsd / COST_OF_NO_REWARD, 1)) + 0.3 * (1 - Math.min(latencyMs / budget, 1));
}

/** The size of a request: small below 1,000 input tokens, medium to 10,000, large above. */
export function bucketOf(inputTokens: number): RewardArm['bucket'] {
  if (inputTokens < 1000) return 'small';
  return inputTokens <= 10_000 ? 'medium' : 'large';
}

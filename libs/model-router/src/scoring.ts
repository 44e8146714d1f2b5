import type { ChatMode } from '@fleet/workflow-registry/messages';
import type { Candidate } from './eligibility';

interface Profile {
  readonly cost: number;
  readonly latency: number;
  readonly failure: number;
  readonly weight: number;
}

/** How much each quantity counts in each mode. */
export const PROFILES: Readonly<Record<ChatMode, Profile>> = {
  cheap: { cost: 0.7, latency: 0.1, failure: 0.1, weight: 0.1 },
  normal: { cost: 0.25, latency: 0.25, failure: 0.25, weight: 0.25 },
  high_confidence: { cost: 0.05, latency: 0.1, failure: 0.15, weight: 0.7 },
  planning: { cost: 0.1, latency: 0.1, failure: 0.2, weight: 0.6 },
  adversarial: { cost: 0.1, latency: 0.1, failure: 0.2, weight: 0.6 },
};

/** What a hint that names a family adds to the weight of its models; a weight is 10 at most. */
const HINT_BOOST = 3;
const HIGHEST_WEIGHT = 10;

/** A candidate with its score: the lower, the better. */
export interface Scored extends Candidate {
  readonly score: number;
}

/**
 * The candidates, the best first. Cost, latency, failure and weight are each divided by the greatest among the candidates;
 * the score is the first three, weighed by the mode, less the last. Equal scores keep the order of the catalog.
 *
 * @param boosted ids of the models that the hint prefers
 */
export function rankByScore(
  candidates: readonly Candidate[],
  mode: ChatMode,
  boosted: ReadonlySet<string> = new Set(),
): readonly Scored[] {
  const profile = PROFILES[mode];
  const weightOf = ({ model }: Candidate): number =>
    boosted.has(model.id) ? Math.min(model.weight + HINT_BOOST, HIGHEST_WEIGHT) : model.weight;
  const cost = share(candidates, ({ estimatedCostUsd }) => estimatedCostUsd);
  const latency = share(candidates, ({ health }) => health?.latencyMs ?? 0);
  const failure = share(candidates, ({ health }) => health?.failureRatio ?? 0);
  const weight = share(candidates, weightOf);
  const score = (one: Candidate): number =>
    profile.cost * cost(one) +
    profile.latency * latency(one) +
    profile.failure * failure(one) -
    profile.weight * weight(one);
  return candidates.map((one) => ({ ...one, score: score(one) })).toSorted((a, b) => a.score - b.score);
}

function share(candidates: readonly Candidate[], of: (one: Candidate) => number): (one: Candidate) => number {
  const most = Math.max(0, ...candidates.map(of));
  return (one) => (most === 0 ? 0 : of(one) / most);
}

/**
 * One of the ranked, by softmax over the rank: the i-th has a share of exp(-i / temperature). With 0.3 the first is taken
 * 96 times of 100; with 0 always.
 *
 * @param random gives 0 to 1, 1 excluded
 */
export function explore<T>(ranked: readonly T[], temperature: number, random: () => number): T | undefined {
  if (temperature <= 0 || ranked.length < 2) return ranked[0];
  const shares = ranked.map((_, rank) => Math.exp(-rank / temperature));
  return ranked[pickByShare(shares, random())];
}

/** The number of the share that a point between 0 and 1 falls on; 0 when there are no shares. */
export function pickByShare(shares: readonly number[], point: number): number {
  const total = shares.reduce((sum, one) => sum + one, 0);
  let left = point * total;
  const index = shares.findIndex((one) => (left -= one) < 0);
  return index < 0 ? Math.max(0, shares.length - 1) : index;
}

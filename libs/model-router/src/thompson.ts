import { randomBeta } from 'd3-random';
import type { Scored } from './scoring';
import type { RewardArm } from './router-state';
import { bucketOf } from './reward';

/** How long arms are used before they are read again. */
const REFRESH_MS = 300_000;

/** Chooses by Thompson sampling: Beta(sum + 1, samples - sum + 1) for each model and size of request. */
export interface ThompsonSampler {
  /** The candidate with the greatest sample; undefined when there are none. */
  pick(ranked: readonly Scored[], arms: readonly RewardArm[], inputTokens: number, now: number): Scored | undefined;
}

/**
 * A sampler. Models without rewards are uniform between 0 and 1, so that they get tried.
 *
 * @param random gives 0 to 1, 1 excluded
 */
export function createThompsonSampler(random: () => number): ThompsonSampler {
  const beta = randomBeta.source(random);
  let known: { readonly arms: readonly RewardArm[]; readonly until: number } = { arms: [], until: -Infinity };
  return {
    pick(ranked, arms, inputTokens, now) {
      if (now >= known.until) known = { arms, until: now + REFRESH_MS };
      const bucket = bucketOf(inputTokens);
      const sample = ({ model }: Scored): number => {
        const arm = known.arms.find((one) => one.modelId === model.id && one.bucket === bucket);
        return beta((arm?.sum ?? 0) + 1, (arm?.samples ?? 0) - (arm?.sum ?? 0) + 1)();
      };
      const sampled = ranked.map((candidate) => ({ candidate, value: sample(candidate) }));
      return sampled.toSorted((a, b) => b.value - a.value)[0]?.candidate;
    },
  };
}

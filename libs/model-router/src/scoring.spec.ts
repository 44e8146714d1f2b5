import type { ChatMode } from '@fleet/workflow-registry/messages';
import type { Candidate } from './eligibility';
import { explore, PROFILES, rankByScore } from './scoring';
import { CATALOG, healthOf } from './test-circumstances';

const [small, large, middle] = CATALOG.models as [Candidate['model'], Candidate['model'], Candidate['model']];

/** Shares of the greatest: cost 0.2, 1, 0.6; latency 0.5, 1, 0.25; failure 1, 0.4, 0; weight 1/3, 1, 2/3. */
const CANDIDATES: readonly Candidate[] = [
  { model: small, estimatedCostUsd: 0.002, health: healthOf({ latencyMs: 200, failureRatio: 0.5 }), needsTrial: false },
  { model: large, estimatedCostUsd: 0.01, health: healthOf({ latencyMs: 400, failureRatio: 0.2 }), needsTrial: false },
  { model: middle, estimatedCostUsd: 0.006, health: healthOf({ latencyMs: 100, failureRatio: 0 }), needsTrial: false },
];

/** Mulberry32: the same numbers in every run. */
const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
};

/** What 100 explorations take. */
const draw = (seed: number): (string | undefined)[] => {
  const random = seeded(seed);
  return Array.from({ length: 100 }, () => explore(['a', 'b', 'c'], 1, random));
};

describe('scores', () => {
  it.each<[ChatMode, readonly [string, number][]]>([
    [
      'cheap',
      [
        ['north-small', 0.14 + 0.05 + 0.1 - 0.1 / 3],
        ['south-middle', 0.42 + 0.025 - 0.2 / 3],
        ['north-large', 0.7 + 0.1 + 0.04 - 0.1],
      ],
    ],
    [
      'normal',
      [
        ['south-middle', 0.15 + 0.0625 - 0.5 / 3],
        ['north-small', 0.05 + 0.125 + 0.25 - 0.25 / 3],
        ['north-large', 0.25 + 0.25 + 0.1 - 0.25],
      ],
    ],
    [
      'high_confidence',
      [
        ['north-large', 0.05 + 0.1 + 0.06 - 0.7],
        ['south-middle', 0.03 + 0.025 - 1.4 / 3],
        ['north-small', 0.01 + 0.05 + 0.15 - 0.7 / 3],
      ],
    ],
    [
      'planning',
      [
        ['north-large', 0.1 + 0.1 + 0.08 - 0.6],
        ['south-middle', 0.06 + 0.025 - 0.4],
        ['north-small', 0.02 + 0.05 + 0.2 - 0.2],
      ],
    ],
    [
      'adversarial',
      [
        ['north-large', 0.1 + 0.1 + 0.08 - 0.6],
        ['south-middle', 0.06 + 0.025 - 0.4],
        ['north-small', 0.02 + 0.05 + 0.2 - 0.2],
      ],
    ],
  ])('of %s', (mode, expected) => {
    const ranked = rankByScore(CANDIDATES, mode).map(({ model, score }) => [model.id, score] as const);
    expect(ranked.map(([id]) => id)).toEqual(expected.map(([id]) => id));
    ranked.forEach(([, score], index) => expect(score).toBeCloseTo(expected[index]?.[1] ?? Number.NaN, 10));
  });

  it('the weights of each mode make 1', () => {
    for (const { cost, latency, failure, weight } of Object.values(PROFILES)) {
      expect(cost + latency + failure + weight).toBeCloseTo(1, 10);
    }
  });

  it('a hint adds 3 to the weight, up to 10', () => {
    const plain = CANDIDATES.map((one) => ({ ...one, estimatedCostUsd: 0, health: undefined }));
    const best = (hinted: string): readonly (readonly [string, number])[] =>
      rankByScore(plain, 'normal', new Set([hinted])).map(({ model, score }) => [model.id, score] as const);
    expect(best('north-small')).toEqual([
      ['north-large', -0.25],
      ['north-small', (-0.25 * 6) / 9],
      ['south-middle', (-0.25 * 6) / 9],
    ]);
    expect(best('north-large')[1]).toEqual(['south-middle', (-0.25 * 6) / 10]);
  });

  it('nothing known is nothing against a model', () => {
    const [only] = rankByScore([{ model: small, estimatedCostUsd: 0, health: undefined, needsTrial: false }], 'normal');
    expect(only?.score).toBe(-0.25);
  });
});

describe('exploration', () => {
  it('at 0 the best is taken whatever chance says', () => {
    expect(explore(['a', 'b'], 0, () => 0.999)).toBe('a');
  });

  it('takes each rank by exp(-rank / temperature)', () => {
    const random = seeded(7);
    const counts = [0, 0, 0];
    for (let turn = 0; turn < 20_000; turn += 1) counts[explore([0, 1, 2], 0.3, random) ?? 0]! += 1;
    const total = 1 + Math.exp(-1 / 0.3) + Math.exp(-2 / 0.3);
    expect(counts[0]! / 20_000).toBeCloseTo(1 / total, 2);
    expect(counts[1]! / 20_000).toBeCloseTo(Math.exp(-1 / 0.3) / total, 2);
    expect(counts[2]).toBeGreaterThan(0);
  });

  it('is the same for the same random source, and has nothing to take from nothing', () => {
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
    expect(explore([], 0.3, Math.random)).toBeUndefined();
    expect(explore(['a', 'b', 'c'], 0.3, () => 1 - Number.EPSILON)).toBe('c');
  });
});

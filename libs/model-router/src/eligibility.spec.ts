import { eligibility } from './eligibility';
import { BLANK, CATALOG, circumstances, healthOf } from './test-circumstances';

const idsOf = (...args: Parameters<typeof circumstances>): string[] =>
  eligibility(circumstances(...args)).eligible.map(({ model }) => model.id);
const skipsOf = (...args: Parameters<typeof circumstances>) => eligibility(circumstances(...args)).skips;
const down = (cooldownUntil: number) => ({
  ...BLANK,
  health: new Map([['north', healthOf({ state: 'down', consecutiveErrors: 5, cooldownUntil })]]),
});

describe('eligibility', () => {
  it('takes every model when nothing stands against it', () => {
    expect(eligibility(circumstances()).eligible).toHaveLength(3);
    expect(skipsOf()).toEqual({});
  });

  it('counts each of the six reasons', () => {
    const models = CATALOG.models.map((one) => ({ ...one, enabled: one.id !== 'north-large' }));
    expect(skipsOf({ catalog: { ...CATALOG, models } })).toEqual({ disabled: 1 });
    expect(skipsOf({ policy: { minWeight: 6 } })).toEqual({ weight_below_minimum: 1 });
    expect(skipsOf({ inputTokens: 20_000 })).toEqual({ context_overflow: 1 });
    expect(skipsOf({ adapters: new Set(['south']) })).toEqual({ no_adapter: 2 });
    expect(skipsOf({ snapshot: down(1001) })).toEqual({ health_down: 2 });
    expect(skipsOf({ policy: { maxBudgetUsd: 0.002 } })).toEqual({ budget_exceeded: 2 });
  });

  it('counts a model once, for the first reason', () => {
    const policy = { minWeight: 10, maxBudgetUsd: 0.000_001 };
    const snapshot = { ...down(1001), disabledModels: new Map([['north-small', 'no money left']]) };
    expect(skipsOf({ policy, snapshot, inputTokens: 1_000_000 })).toEqual({ disabled: 1, weight_below_minimum: 2 });
  });

  it('a provider that is off takes its models with it', () => {
    const providers = CATALOG.providers.map((one) => ({ ...one, enabled: one.id !== 'north' }));
    expect(skipsOf({ catalog: { ...CATALOG, providers } })).toEqual({ disabled: 2 });
  });

  it('keeps 15 % of the window free', () => {
    // 8,000 / 1.15 = 6,956.5
    expect(idsOf({ inputTokens: 6956 })).toContain('north-small');
    expect(idsOf({ inputTokens: 6957 })).not.toContain('north-small');
  });

  it('estimates the price with 512 output tokens unless the policy says another number', () => {
    const [small] = eligibility(circumstances({ inputTokens: 1000 })).eligible;
    expect(small?.estimatedCostUsd).toBeCloseTo(0.001 + 0.512 * 0.002, 10);
    const [told] = eligibility(circumstances({ inputTokens: 1000, policy: { estimatedOutputTokens: 100 } })).eligible;
    expect(told?.estimatedCostUsd).toBeCloseTo(0.001 + 0.1 * 0.002, 10);
  });

  it('a budget of 0 is no limit', () => {
    expect(skipsOf({ policy: { maxBudgetUsd: 0 } })).toEqual({});
  });

  it('a provider whose cooldown is over may be tried', () => {
    const { eligible } = eligibility(circumstances({ snapshot: down(1000) }));
    expect(eligible.map(({ needsTrial }) => needsTrial)).toEqual([true, true, false]);
  });

  it('sets aside what is excluded and who asked for patience, without counting it', () => {
    const waits = [{ providerId: 'south', modelId: 'south-middle', until: 1001 }];
    expect(idsOf({ narrowing: { excludeModels: ['north-small'], waits } })).toEqual(['north-large']);
    expect(skipsOf({ narrowing: { excludeModels: ['north-small'], waits } })).toEqual({});
    expect(idsOf({ now: 1001, narrowing: { waits } })).toHaveLength(3);
  });

  it('as a last resort health, weight and budget do not count; all else does', () => {
    const policy = { minWeight: 10, maxBudgetUsd: 0.000_001 };
    const narrowing = { lastResort: true };
    expect(idsOf({ policy, narrowing, snapshot: down(5000) })).toHaveLength(3);
    expect(skipsOf({ policy, narrowing, inputTokens: 20_000 })).toEqual({ context_overflow: 1 });
    const disabledModels = new Map([['north-small', 'no money left']]);
    expect(skipsOf({ narrowing, snapshot: { ...BLANK, disabledModels } })).toEqual({ disabled: 1 });
  });
});

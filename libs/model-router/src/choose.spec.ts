import { fnv1a } from './alias';
import type { AliasSpec, Catalog } from './catalog';
import { choose, type Chosen } from './choose';
import { resolveHint } from './hint';
import { type RouterOptions, withDefaults } from './options';
import type { RewardArm, RouterSnapshot, RouterState } from './router-state';
import { attemptOf, BLANK, CATALOG, circumstances, healthOf } from './test-circumstances';
import { createThompsonSampler } from './thompson';

const untouched = (): never => {
  throw new Error('nothing is sent while choosing');
};

/** What is asked of the state while choosing; nothing else of it may be touched. */
function stateOf(snapshot: RouterSnapshot, trial = true): RouterState & { readonly trials: string[] } {
  let turn = 0;
  const trials: string[] = [];
  return {
    trials,
    snapshot: () => Promise.resolve(snapshot),
    succeeded: untouched,
    failed: untouched,
    disableModel: untouched,
    claimTrial: (providerId) => {
      trials.push(providerId);
      return Promise.resolve(trial);
    },
    nextTurn: () => Promise.resolve(turn++),
  };
}

interface Case {
  readonly hint?: string;
  readonly catalog?: Catalog;
  readonly snapshot?: RouterSnapshot;
  readonly state?: RouterState;
  readonly attempt?: Parameters<typeof attemptOf>[0];
  readonly options?: Partial<RouterOptions>;
}

function chosenIn({
  hint,
  catalog = CATALOG,
  snapshot = BLANK,
  state,
  attempt: changes,
  options,
}: Case = {}): Promise<Chosen> {
  const attempt = attemptOf(changes);
  const { policy, narrowing } = attempt;
  const parts = withDefaults({
    catalog,
    adapters: new Map(),
    state: state ?? stateOf(snapshot),
    temperature: 0,
    ...options,
  });
  const at = circumstances({ catalog, snapshot, policy, narrowing });
  return choose({ parts, sampler: createThompsonSampler(parts.random), hint: resolveHint(catalog, hint), attempt, at });
}

const decisionIn = async (one: Case = {}) => (await chosenIn(one)).choice?.decision;
const modelIn = async (one: Case = {}): Promise<string | undefined> => (await decisionIn(one))?.modelId;
const withAlias = (alias: AliasSpec): Catalog => ({ ...CATALOG, aliases: [alias] });

const asked = async (apiKeyId: string, requestId: string) =>
  modelIn({ hint: 'blind', attempt: { apiKeyId, requestId } });

const arm = (modelId: string, sum: number, samples = 1000): RewardArm => ({ modelId, bucket: 'small', samples, sum });

describe('the choice', () => {
  it('is the best score, with the mode as its reason', async () => {
    expect(await decisionIn()).toMatchObject({ modelId: 'south-middle', providerId: 'south', reason: 'routed-normal' });
    const policy = { mode: 'high_confidence' } as const;
    expect(await decisionIn({ attempt: { policy } })).toMatchObject({
      modelId: 'north-large',
      reason: 'routed-high_confidence',
    });
  });

  it('an exact hint pins, chance or not, as long as the model is eligible', async () => {
    const options = { temperature: 5, random: () => 0.99 };
    const hint = 'south-middle';
    expect(await decisionIn({ hint, options })).toMatchObject({ modelId: hint, reason: 'routed-hint-exact' });
    expect(await modelIn({ hint, attempt: { policy: { minWeight: 9 } } })).toBe('north-large');
  });

  it('a family or a provider is preferred', async () => {
    const policy = { mode: 'high_confidence' } as const;
    expect(await decisionIn({ hint: 'north', attempt: { policy } })).toMatchObject({
      modelId: 'north-large',
      reason: 'routed-hint-boost',
    });
    expect(await decisionIn({ hint: 'south' })).toMatchObject({ modelId: 'south-middle', reason: 'routed-hint-boost' });
  });

  it.each(['nothing', 'north-sm', 'NORTH-SMALL', 'north-'])('the hint %p names nothing', (hint) => {
    expect(() => resolveHint(CATALOG, hint)).toThrow(
      expect.objectContaining({ code: 'unknown_model', status: 404, details: expect.objectContaining({ got: hint }) }),
    );
  });

  it('a pinned model answers or none does; after a failure others may', async () => {
    const narrowing = { excludeModels: ['north-large'], pinnedModel: 'north-large' };
    expect(await decisionIn({ attempt: { narrowing } })).toMatchObject({
      modelId: 'north-large',
      reason: 'routed-pinned',
    });
    const snapshot = { ...BLANK, disabledModels: new Map([['north-large', 'no money left']]) };
    expect(await chosenIn({ snapshot, attempt: { narrowing } })).toEqual({ choice: undefined, skips: { disabled: 1 } });
    const planned = { ...narrowing, after: 'rate_limited' } as const;
    expect(await decisionIn({ snapshot, attempt: { narrowing: planned } })).toMatchObject({
      modelId: 'north-small',
      reason: 'escalated-rate_limited',
    });
    const unknown = { excludeModels: [], pinnedModel: 'nothing' };
    await expect(chosenIn({ attempt: { narrowing: unknown } })).rejects.toMatchObject({ code: 'unknown_model' });
  });

  it('says why there is none', async () => {
    expect(await chosenIn({ attempt: { policy: { minWeight: 10 } } })).toEqual({
      choice: undefined,
      skips: { weight_below_minimum: 3 },
    });
  });

  it('as a last resort the best of what is left is taken', async () => {
    const narrowing = { excludeModels: ['north-small'], lastResort: true, after: 'fatal' } as const;
    const policy = { maxBudgetUsd: 0.000_001 };
    expect(await decisionIn({ attempt: { narrowing, policy } })).toMatchObject({
      modelId: 'south-middle',
      reason: 'last-resort',
    });
  });

  it('a choice from others leaves the rest to be asked beside it; a pin does not', async () => {
    const { choice } = await chosenIn();
    expect(choice?.others.map(({ model }) => model.id)).toEqual(['north-small', 'north-large']);
    expect((await chosenIn({ hint: 'north-large' })).choice?.others).toEqual([]);
  });
});

describe('health', () => {
  const cooled = { ...BLANK, health: new Map([['north', healthOf({ state: 'down', cooldownUntil: 1000 })]]) };
  const hot = healthOf({ state: 'down', cooldownUntil: 2000 });

  it('whoever claims the trial asks a provider whose cooldown is over', async () => {
    const state = stateOf(cooled, true);
    expect(await modelIn({ snapshot: cooled, state, hint: 'north-small' })).toBe('north-small');
    expect(state.trials).toEqual(['north']);
  });

  it('everybody else asks another', async () => {
    const state = stateOf(cooled, false);
    expect(await chosenIn({ snapshot: cooled, state, hint: 'north-small' })).toMatchObject({
      choice: { decision: { modelId: 'south-middle' } },
      skips: { health_down: 2 },
    });
    expect(state.trials).toEqual(['north']);
  });

  it('when it alone stands against all models they are asked all the same, within what the caller bound', async () => {
    const snapshot = {
      ...BLANK,
      health: new Map([
        ['north', hot],
        ['south', hot],
      ]),
    };
    expect(await chosenIn({ snapshot, attempt: { policy: { minWeight: 6 } } })).toMatchObject({
      choice: { decision: { modelId: 'south-middle', reason: 'last-resort' } },
      skips: { health_down: 2, weight_below_minimum: 1 },
    });
  });
});

describe('aliases', () => {
  it('FNV-1a, 32 bits', () => {
    expect([fnv1a(''), fnv1a('a'), fnv1a('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });

  it('1,000 requests with one key get one model, and all keys together the weights', async () => {
    const one = await Promise.all(Array.from({ length: 1000 }, (_, turn) => asked('key-1', `request-${turn}`)));
    expect(new Set(one).size).toBe(1);
    const all = await Promise.all(Array.from({ length: 4000 }, (_, turn) => asked(`key-${turn}`, 'request-1')));
    expect(all.filter((id) => id === 'south-middle').length / 4000).toBeCloseTo(0.75, 1);
  });

  it('by request each request has its own; without a key the request counts', async () => {
    const byRequest = withAlias({ ...CATALOG.aliases[0]!, stickyBy: 'request' });
    for (const catalog of [byRequest, CATALOG]) {
      const models = Array.from({ length: 200 }, (_, turn) =>
        modelIn({ catalog, hint: 'blind', attempt: { requestId: `r${turn}` } }),
      );
      expect(new Set(await Promise.all(models)).size).toBe(2);
    }
  });

  it('takes turns as often as the weights say', async () => {
    const catalog = withAlias({ ...CATALOG.aliases[0]!, stickyBy: 'round_robin' });
    const state = stateOf(BLANK);
    const models: (string | undefined)[] = [];
    for (let turn = 0; turn < 8; turn += 1) models.push(await modelIn({ catalog, state, hint: 'blind' }));
    const round = ['north-small', 'south-middle', 'south-middle', 'south-middle'];
    expect(models).toEqual([...round, ...round]);
  });

  it('keeps its name in the decision, also when its models are used up', async () => {
    expect(await decisionIn({ hint: 'blind' })).toMatchObject({ aliasFrom: 'blind', reason: 'routed-alias' });
    const narrowing = { excludeModels: ['north-small', 'south-middle'], after: 'fatal' } as const;
    expect(await decisionIn({ hint: 'blind', attempt: { narrowing } })).toMatchObject({
      modelId: 'north-large',
      aliasFrom: 'blind',
      reason: 'escalated-fatal',
    });
  });

  it('the star takes turns over three models of as many providers as there are', async () => {
    const state = stateOf(BLANK);
    const models: (string | undefined)[] = [];
    for (let turn = 0; turn < 6; turn += 1) models.push(await modelIn({ state, hint: '*' }));
    const round = ['north-large', 'south-middle', 'north-small'];
    expect(models).toEqual([...round, ...round]);
  });

  it('an alias named star takes its place', async () => {
    const catalog = withAlias({ name: '*', stickyBy: 'request', variants: [{ modelId: 'south-middle', weight: 1 }] });
    expect(await decisionIn({ catalog, hint: '*' })).toMatchObject({ modelId: 'south-middle', aliasFrom: '*' });
  });
});

describe('Thompson sampling', () => {
  const arms = [arm('north-small', 100), arm('north-large', 900), arm('south-middle', 500)];

  it('takes the model with the best rewards of this size of request', async () => {
    const exploration = 'thompson' as const;
    const snapshot = { ...BLANK, arms };
    for (let turn = 0; turn < 50; turn += 1)
      expect(await modelIn({ snapshot, options: { exploration } })).toBe('north-large');
    const large = { ...BLANK, arms: arms.map((one) => ({ ...one, bucket: 'large' as const })) };
    const spread = Array.from({ length: 200 }, () => modelIn({ snapshot: large, options: { exploration } }));
    expect(new Set(await Promise.all(spread)).size).toBe(3);
  });

  it('draws from Beta(sum + 1, samples - sum + 1)', () => {
    const sampler = createThompsonSampler(Math.random);
    const ranked = CATALOG.models
      .slice(0, 2)
      .map((model) => ({ model, score: 0, estimatedCostUsd: 0, health: undefined, needsTrial: false }));
    // Beta(3, 1) beats Beta(1, 1) with a chance of 3/4.
    const known = [arm('north-small', 2, 2), arm('north-large', 0, 0)];
    const wins = Array.from({ length: 8000 }, () => sampler.pick(ranked, known, 10, 0)?.model.id);
    expect(wins.filter((id) => id === 'north-small').length / 8000).toBeCloseTo(0.75, 1);
  });

  it('looks at the arms again after five minutes', () => {
    const sampler = createThompsonSampler(Math.random);
    const ranked = CATALOG.models
      .slice(0, 2)
      .map((model) => ({ model, score: 0, estimatedCostUsd: 0, health: undefined, needsTrial: false }));
    const turned = [arm('north-small', 1000), arm('north-large', 0)];
    expect(sampler.pick(ranked, arms, 10, 0)?.model.id).toBe('north-large');
    expect(sampler.pick(ranked, turned, 10, 299_999)?.model.id).toBe('north-large');
    expect(sampler.pick(ranked, turned, 10, 300_000)?.model.id).toBe('north-small');
  });
});

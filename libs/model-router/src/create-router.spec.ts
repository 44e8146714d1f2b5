import { setTimeout as delay } from 'node:timers/promises';
import { startStandInProvider, type FaultInput, type StandInProvider } from '@fleet/stand-in-provider';
import type { ChatAttempt, ChatAttemptResult } from '@fleet/workflow-registry/messages';
import { createAdapters } from './adapters';
import type { Catalog } from './catalog';
import { createRouter } from './create-router';
import type { RouterOptions } from './options';
import type { RouterSnapshot } from './router-state';
import { attemptOf, BLANK, CATALOG, healthOf } from './test-circumstances';
import { recordingState, type RecordingState } from './test-state';

let provider: StandInProvider;
let catalog: Catalog;

beforeAll(async () => {
  provider = await startStandInProvider();
  catalog = { ...CATALOG, providers: CATALOG.providers.map((one) => ({ ...one, baseUrls: [provider.url] })) };
});
afterAll(() => provider.close());
afterEach(async () => {
  await Promise.all([provider.heal(), provider.forgetCalls()]);
});

interface Run {
  readonly results: readonly ChatAttemptResult[];
  readonly state: RecordingState;
}

const CHEAP = { mode: 'cheap' } as const;
const signal = new AbortController().signal;

function routerWith(options: Partial<RouterOptions> = {}, snapshot?: RouterSnapshot) {
  const state = recordingState(snapshot);
  return {
    state,
    router: createRouter({ catalog, adapters: createAdapters(catalog), state, temperature: 0, ...options }),
  };
}

/** Makes the attempts of a chat, as its workflow does. The cheapest, north-small, is first unless told otherwise. */
async function run(
  changes: Partial<ChatAttempt> = {},
  options: Partial<RouterOptions> = {},
  snapshot?: RouterSnapshot,
): Promise<Run> {
  const { state, router } = routerWith(options, snapshot);
  const results: ChatAttemptResult[] = [];
  let attempt: ChatAttempt | undefined = attemptOf({ policy: CHEAP, ...changes });
  while (attempt) {
    const result: ChatAttemptResult = await router.attempt(attempt, { signal });
    results.push(result);
    const next = result.ok ? undefined : result.next;
    if (next) await delay(next.afterMs);
    attempt = next && { ...attempt, step: attempt.step + 1, narrowing: next.narrowing };
  }
  return { results, state };
}

const modelsOf = ({ results }: Run): (string | undefined)[] => results.map(({ decision }) => decision?.modelId);
const reasonsOf = ({ results }: Run): (string | undefined)[] => results.map(({ decision }) => decision?.reason);
const classesOf = ({ results }: Run): string[] => results.map((result) => (result.ok ? 'ok' : result.errorClass));
const askedOf = async (): Promise<string[]> => (await provider.calls()).calls.map(({ model }) => model);
const fail = (fault: FaultInput): Promise<void> => provider.fail(fault);

const broken = (): never => {
  throw new TypeError('x is not a function');
};

describe('an attempt', () => {
  it('asks once, and says what was asked, what it took and what it cost', async () => {
    const { results, state } = await run({ request: { messages: [{ role: 'user', content: 'say Hello, world.' }] } });
    expect(results).toEqual([
      expect.objectContaining({
        ok: true,
        decision: expect.objectContaining({ modelId: 'north-small', providerId: 'north', reason: 'routed-cheap' }),
        usage: { inputTokens: 5, outputTokens: 4 },
        costUsd: 5e-6 + 8e-6,
        skips: {},
      }),
    ]);
    expect(state.reports).toEqual(['north-small succeeded']);
    const [call] = (await provider.calls()).calls;
    expect(call).toMatchObject({ idempotencyKey: 'request-1-1', requestId: 'request-1', stream: false });
  });

  it('sends the parameters, but neither another model nor other messages nor a stream', async () => {
    const parameters = { temperature: 0.5, model: 'x', messages: [], stream: true, max_tokens: 7 };
    await run({ request: { messages: [{ role: 'user', content: 'Hi' }], parameters, meta: { secret: 1 } } });
    const [call] = (await provider.calls()).calls;
    expect(call?.body).toEqual({
      model: 'north-small',
      messages: [{ role: 'user', content: 'Hi' }],
      temperature: 0.5,
      max_tokens: 7,
    });
  });

  it('refuses a hint that names nothing and a schema that is none before anything is asked', async () => {
    const { router } = routerWith();
    const { request } = attemptOf();
    const ask = (changes: object) => router.attempt(attemptOf({ request: { ...request, ...changes } }), { signal });
    await expect(ask({ modelHint: 'nothing' })).rejects.toMatchObject({ code: 'unknown_model' });
    await expect(ask({ outputSchema: { type: 'objekt' } })).rejects.toMatchObject({ code: 'invalid_input' });
    expect(await askedOf()).toEqual([]);
  });

  it('says why no model may answer', async () => {
    const { results, state } = await run({ policy: { minWeight: 10 } });
    expect(results).toEqual([
      {
        ok: false,
        errorClass: 'no_model',
        message: expect.any(String),
        latencyMs: 0,
        skips: { weight_below_minimum: 3 },
      },
    ]);
    expect(state.reports).toEqual([]);
  });

  it('ends with the reason of the caller, which is not the provider’s fault', async () => {
    await fail({ kind: 'slow', delayMs: 60_000 });
    const { router, state } = routerWith();
    const controller = new AbortController();
    const asked = router.attempt(attemptOf(), { signal: controller.signal });
    while ((await provider.calls()).open === 0) await delay(10);
    controller.abort(new Error('the client left'));
    await expect(asked).rejects.toThrow('the client left');
    expect(state.reports).toEqual([]);
    while ((await provider.calls()).aborted === 0) await delay(10);
  });

  it('gets no more time than is left, and is not made again after it', async () => {
    await fail({ kind: 'silent', times: 'always' });
    const { results } = await run({ deadline: Date.now() + 500 });
    expect(results).toEqual([expect.objectContaining({ ok: false, errorClass: 'transient' })]);
    expect(results[0]).not.toHaveProperty('next');
    expect((await provider.calls()).total).toBe(1);
  });
});

describe('after a failure', () => {
  it('a transient one is tried twice more under one key, then another model', async () => {
    await fail({ kind: 'status', status: 500, times: 'always', model: 'north-small' });
    const slept: number[] = [];
    const sleep = async (ms: number): Promise<void> => void slept.push(ms);
    const one = await run({}, { sleep, random: () => 0.25 });
    expect(await askedOf()).toEqual(['north-small', 'north-small', 'north-small', 'south-middle']);
    expect([classesOf(one), reasonsOf(one)]).toEqual([
      ['transient', 'ok'],
      ['routed-cheap', 'escalated-transient'],
    ]);
    expect(slept).toEqual([75, 150]);
    expect(one.state.reports).toEqual([...Array<string>(3).fill('north-small failed'), 'south-middle succeeded']);
    const keys = (await provider.calls()).calls.map(({ idempotencyKey }) => idempotencyKey);
    expect(keys).toEqual(['request-1-1', 'request-1-1', 'request-1-1', 'request-1-2']);
  });

  it('a transient one may pass', async () => {
    await fail({ kind: 'cut', afterChunks: 0 });
    expect(classesOf(await run())).toEqual(['ok']);
  });

  it('429 asks another provider at once', async () => {
    await fail({ kind: 'status', status: 429, retryAfter: '60', model: 'north-small' });
    const one = await run();
    expect([modelsOf(one), classesOf(one)]).toEqual([
      ['north-small', 'south-middle'],
      ['rate_limited', 'ok'],
    ]);
    expect(one.state.reports).toEqual(['north-small failed', 'south-middle succeeded']);
  });

  it('when all say 429 the first that is free is asked after its Retry-After, and not before', async () => {
    await fail({ kind: 'status', status: 429, retryAfter: '1', model: 'north-small' });
    await fail({ kind: 'status', status: 429, retryAfter: '60', model: 'south-middle' });
    const startedAt = performance.now();
    const one = await run({ narrowing: { excludeModels: ['north-large'] } });
    expect(modelsOf(one)).toEqual(['north-small', 'south-middle', 'north-small']);
    expect(classesOf(one)).toEqual(['rate_limited', 'rate_limited', 'ok']);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  });

  it('an overflow shortens the answer, then takes a larger model', async () => {
    await fail({ kind: 'overflow', times: 'always', model: 'north-small' });
    const request = {
      messages: [{ role: 'user' as const, content: 'Hi' }],
      parameters: { max_completion_tokens: 7999 },
    };
    const one = await run({ request });
    expect(modelsOf(one)).toEqual(['north-small', 'north-small', 'south-middle']);
    expect(reasonsOf(one).slice(1)).toEqual(['escalated-context_overflow', 'escalated-context_overflow']);
    const limits = (await provider.calls()).calls.map(({ body }) => {
      const { max_tokens, max_completion_tokens } = body as Record<string, unknown>;
      return max_tokens ?? max_completion_tokens;
    });
    expect(limits).toEqual([7999, 8000 - 1 - 256, 7999]);
    expect(one.state.reports).toEqual(['south-middle succeeded']);
  });

  it('a budget that is used up disables the model', async () => {
    await fail({ kind: 'quota', model: 'north-small' });
    const one = await run();
    expect(classesOf(one)).toEqual(['budget_exceeded', 'ok']);
    expect(one.state.reports).toEqual(['north-small disabled', 'south-middle succeeded']);
  });

  it('a refusal asks another model, and is not the provider’s fault', async () => {
    await fail({ kind: 'status', status: 400, model: 'north-small' });
    const one = await run();
    expect([classesOf(one), modelsOf(one)[1]]).toEqual([['fatal', 'ok'], 'south-middle']);
    expect(one.state.reports).toEqual(['south-middle succeeded']);
  });

  it('an answer that does not meet its schema was paid for, and another model is asked', async () => {
    await fail({ kind: 'say', text: 'Well, 42.', model: 'north-small' });
    await fail({ kind: 'say', text: '{"answer": 42}', model: 'south-middle' });
    const outputSchema = { type: 'object', required: ['answer'] };
    const one = await run({ request: { messages: [{ role: 'user', content: 'Hi' }], outputSchema } });
    expect(classesOf(one)).toEqual(['schema_mismatch', 'ok']);
    expect(one.results[0]).toMatchObject({ usage: { inputTokens: 1, outputTokens: 3 }, costUsd: 1e-6 + 6e-6 });
  });

  it('tries each model once and then no more, whatever the budget says', async () => {
    await fail({ kind: 'status', status: 400, times: 'always' });
    const one = await run({ policy: { ...CHEAP, maxBudgetUsd: 0.002 } });
    expect(modelsOf(one)).toEqual(['north-small', 'south-middle', 'north-large']);
    expect(reasonsOf(one)).toEqual(['routed-cheap', 'last-resort', 'last-resort']);
    expect(one.results.at(-1)).not.toHaveProperty('next');
  });

  it('plans no sixth attempt', async () => {
    await fail({ kind: 'status', status: 400 });
    expect((await run({ step: 5 })).results).toHaveLength(1);
  });

  it('an adapter that is broken is no reason to end', async () => {
    const adapters = new Map(createAdapters(catalog));
    adapters.set('north', { providerId: 'north', send: broken, stream: broken, probe: broken });
    const one = await run({}, { adapters });
    expect([classesOf(one), one.state.reports]).toEqual([['fatal', 'ok'], ['south-middle succeeded']]);
  });
});

describe('hedging', () => {
  it('asks another model after the delay, and aborts who is late', async () => {
    await fail({ kind: 'slow', delayMs: 60_000, model: 'north-small' });
    const one = await run({}, { hedgeAfterMs: 50 });
    expect(one.results).toEqual([
      expect.objectContaining({
        ok: true,
        decision: expect.objectContaining({ modelId: 'south-middle', reason: 'hedged' }),
      }),
    ]);
    expect(one.state.reports).toEqual(['south-middle succeeded']);
    while ((await provider.calls()).aborted === 0) await delay(10);
    const keys = (await provider.calls()).calls.map(({ idempotencyKey }) => idempotencyKey);
    expect(keys).toEqual(['request-1-1', 'request-1-1-1']);
  });

  it('asks three at most', async () => {
    await fail({ kind: 'slow', delayMs: 1000, times: 'always' });
    expect(classesOf(await run({}, { hedgeAfterMs: 1 }))).toEqual(['ok']);
    expect((await provider.calls()).mostOpen).toBe(3);
  });

  it('not beside a model that was asked for', async () => {
    await fail({ kind: 'slow', delayMs: 300 });
    const request = { messages: [{ role: 'user' as const, content: 'Hi' }], modelHint: 'north-small' };
    await run({ request }, { hedgeAfterMs: 1 });
    expect(await askedOf()).toEqual(['north-small']);
  });
});

describe('the ranking', () => {
  it('is without chance, and the model that is named comes first', async () => {
    const { router } = routerWith({ temperature: 5 });
    const rank = (modelHint?: string, excludeModels: string[] = []) =>
      router.rank({ request: { ...attemptOf().request, modelHint }, policy: CHEAP, excludeModels });
    expect(await rank()).toEqual({ modelIds: ['north-small', 'south-middle', 'north-large'], skips: {} });
    expect((await rank('north-large')).modelIds[0]).toBe('north-large');
    expect((await rank('blind', ['north-small'])).modelIds).toEqual(['south-middle', 'north-large']);
    await expect(rank('nothing')).rejects.toMatchObject({ code: 'unknown_model' });
    expect(await askedOf()).toEqual([]);
  });

  it('leaves out who is down', async () => {
    const snapshot = { ...BLANK, health: new Map([['north', healthOf({ state: 'down', cooldownUntil: Infinity })]]) };
    const { router } = routerWith({}, snapshot);
    const { request } = attemptOf();
    expect(await router.rank({ request, policy: {}, excludeModels: [] })).toEqual({
      modelIds: ['south-middle'],
      skips: { health_down: 2 },
    });
  });
});

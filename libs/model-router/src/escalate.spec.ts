import type { ChatErrorClass, ChatNarrowing } from '@fleet/workflow-registry/messages';
import { type Failure, nextAttempt } from './escalate';
import { BLANK, CATALOG, circumstances, healthOf } from './test-circumstances';

const DEADLINE = 60_000;
const modelOf = (id: string) => CATALOG.models.find((model) => model.id === id)!;

function after(
  errorClass: ChatErrorClass,
  failed: Partial<Omit<Failure, 'model'>> & { readonly id?: string } = {},
  changes: Parameters<typeof circumstances>[0] = {},
) {
  const { id = 'north-small', ...others } = failed;
  return nextAttempt({ errorClass, model: modelOf(id), tried: [id], ...others }, circumstances(changes), DEADLINE);
}

describe('the next attempt', () => {
  it.each<ChatErrorClass>(['transient', 'fatal', 'budget_exceeded', 'schema_mismatch'])(
    'after %s: another model',
    (errorClass) => {
      expect(after(errorClass)).toEqual({
        narrowing: { excludeModels: ['north-small'], after: errorClass },
        afterMs: 0,
      });
    },
  );

  it('adds to what was excluded before, each once, and all that were hedged', () => {
    const narrowing = { excludeModels: ['gone', 'north-small'] };
    const next = after('fatal', { tried: ['north-small', 'south-middle'] }, { narrowing });
    expect(next?.narrowing.excludeModels).toEqual(['gone', 'north-small', 'south-middle']);
  });

  it('a key that is refused takes the models of its provider with it', () => {
    expect(after('fatal', { status: 401 })?.narrowing.excludeModels).toEqual(['north-small', 'north-large']);
  });

  it('as a last resort whatever is enabled and untried', () => {
    const policy = { minWeight: 3, maxBudgetUsd: 0.002 };
    expect(after('transient', {}, { policy })).toEqual({
      narrowing: { excludeModels: ['north-small'], after: 'transient', lastResort: true },
      afterMs: 0,
    });
    const snapshot = { ...BLANK, health: new Map([['south', healthOf({ state: 'down', cooldownUntil: 9000 })]]) };
    const narrowing = { excludeModels: ['north-large'] };
    expect(after('transient', {}, { snapshot, narrowing })?.narrowing.lastResort).toBe(true);
  });

  it('none when all were tried, and none without time', () => {
    const narrowing = { excludeModels: ['north-large', 'south-middle'] };
    expect(after('transient', {}, { narrowing })).toBeUndefined();
    expect(after('transient', {}, { now: DEADLINE })).toBeUndefined();
  });
});

describe('after 429', () => {
  const wait = { providerId: 'north', modelId: 'north-small', until: 8000 };

  it('another provider, at once', () => {
    expect(after('rate_limited', { retryAfterMs: 7000 })).toEqual({
      narrowing: { excludeModels: ['north-small'], after: 'rate_limited', waits: [wait] },
      afterMs: 0,
    });
  });

  it('when no other is left, the same after its Retry-After', () => {
    const narrowing = { excludeModels: ['south-middle'] };
    expect(after('rate_limited', { retryAfterMs: 7000 }, { narrowing })).toEqual({
      narrowing: {
        excludeModels: ['south-middle', 'north-small'],
        after: 'rate_limited',
        waits: [wait],
        pinnedModel: 'north-small',
      },
      afterMs: 7000,
    });
  });

  it('when the other provider fails too, whoever is free first', () => {
    const narrowing: ChatNarrowing = { excludeModels: ['north-small'], waits: [wait] };
    const next = after('transient', { id: 'south-middle' }, { narrowing, now: 3000 });
    expect(next).toMatchObject({ narrowing: { pinnedModel: 'north-small', waits: [wait] }, afterMs: 5000 });
    const sooner = after('rate_limited', { id: 'south-middle', retryAfterMs: 500 }, { narrowing, now: 3000 });
    expect(sooner).toMatchObject({ narrowing: { pinnedModel: 'south-middle' }, afterMs: 500 });
  });

  it('without a Retry-After a second', () => {
    const narrowing = { excludeModels: ['south-middle'] };
    expect(after('rate_limited', {}, { narrowing })?.afterMs).toBe(1000);
  });

  it('a second 429 replaces the first', () => {
    const narrowing: ChatNarrowing = { excludeModels: ['south-middle', 'north-small'], waits: [wait] };
    const next = after('rate_limited', { retryAfterMs: 100 }, { narrowing, now: 8000 });
    expect(next?.narrowing.waits).toEqual([{ ...wait, until: 8100 }]);
  });

  it('nobody is waited for longer than there is time', () => {
    const narrowing = { excludeModels: ['south-middle'] };
    expect(after('rate_limited', { retryAfterMs: DEADLINE }, { narrowing })).toBeUndefined();
  });
});

describe('after an overflow', () => {
  it('the same model with a shorter answer: window - input - 256', () => {
    expect(after('context_overflow', { maxTokens: 7000 }, { inputTokens: 3000 })).toEqual({
      narrowing: { excludeModels: [], after: 'context_overflow', pinnedModel: 'north-small', maxTokens: 4744 },
      afterMs: 0,
    });
    expect(after('context_overflow', {}, { inputTokens: 3000 })?.narrowing.maxTokens).toBe(4744);
  });

  it('an answer of 64 tokens at least', () => {
    expect(after('context_overflow', { maxTokens: 7000 }, { inputTokens: 7900 })?.narrowing.maxTokens).toBe(64);
  });

  it('then the smallest model with room for twice the input', () => {
    const narrowing = { maxTokens: 4744, pinnedModel: 'north-small' };
    const larger = (inputTokens: number) => after('context_overflow', { maxTokens: 4744 }, { inputTokens, narrowing });
    expect(larger(3000)).toEqual({
      narrowing: { excludeModels: ['north-small'], after: 'context_overflow', pinnedModel: 'south-middle' },
      afterMs: 0,
    });
    expect(larger(16_001)?.narrowing.pinnedModel).toBe('north-large');
  });

  it('at once when a shorter answer was asked for already', () => {
    expect(after('context_overflow', { maxTokens: 4000 }, { inputTokens: 3000 })?.narrowing.pinnedModel).toBe(
      'south-middle',
    );
  });

  it('whatever its weight, when no other is large enough; and none when none is', () => {
    const narrowing = { maxTokens: 64, excludeModels: ['south-middle'] };
    const policy = { maxBudgetUsd: 0.000_001 };
    expect(after('context_overflow', { maxTokens: 64 }, { narrowing, policy })?.narrowing.pinnedModel).toBe(
      'north-large',
    );
    expect(after('context_overflow', { id: 'north-large', maxTokens: 64 }, { narrowing })).toBeUndefined();
  });
});

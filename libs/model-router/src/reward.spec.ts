import { bucketOf, rewardOf } from './reward';
import { costOf, estimateInputTokens, withUsage } from './tokens';
import { CATALOG } from './test-circumstances';

describe('rewards', () => {
  it.each([
    ['a failure', { success: false, costUsd: 0, latencyMs: 0, latencyBudgetMs: 1000 }, 0],
    ['free and at once', { success: true, costUsd: 0, latencyMs: 0, latencyBudgetMs: 1000 }, 1],
    ['half of both', { success: true, costUsd: 0.05, latencyMs: 5000, latencyBudgetMs: 10_000 }, 0.7],
    ['dear and late', { success: true, costUsd: 3, latencyMs: 90_000, latencyBudgetMs: 10_000 }, 0.4],
    ['no limit is 120 s', { success: true, costUsd: 0, latencyMs: 60_000, latencyBudgetMs: 0 }, 0.85],
    ['a limit counts as a second at least', { success: true, costUsd: 0, latencyMs: 500, latencyBudgetMs: 100 }, 0.85],
  ])('%s', (_, facts, expected) => {
    expect(rewardOf(facts)).toBeCloseTo(expected, 10);
  });

  it('three sizes of request', () => {
    expect([0, 999, 1000, 10_000, 10_001].map(bucketOf)).toEqual(['small', 'small', 'medium', 'medium', 'large']);
  });
});

describe('tokens', () => {
  const messages = [
    { role: 'user' as const, content: 'x'.repeat(401) },
    {
      role: 'assistant' as const,
      content: null,
      tool_calls: [{ id: '1', type: 'function' as const, function: { name: 'find', arguments: '{"a":1}' } }],
    },
  ];

  it('are a quarter of the characters, or what the caller says', () => {
    expect(estimateInputTokens({ messages })).toBe(103);
    expect(estimateInputTokens({ messages, estimatedInputTokens: 7 })).toBe(7);
  });

  it('cost what the model costs', () => {
    expect(costOf(CATALOG.models[1]!, { inputTokens: 1500, outputTokens: 250 })).toBeCloseTo(0.015 + 0.005, 10);
  });

  it('are estimated when the provider is silent, and put into the answer', () => {
    const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    const response = {
      id: '1',
      object: 'chat.completion' as const,
      created: 1,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant' as const, content: '12345' }, finish_reason: 'stop' }],
      usage,
    };
    expect(withUsage(response, undefined, 100)).toMatchObject({
      usage: { inputTokens: 100, outputTokens: 2 },
      response: { usage: { prompt_tokens: 100, completion_tokens: 2, total_tokens: 102 } },
    });
    const said = { inputTokens: 3, outputTokens: 4 };
    expect(withUsage(response, said, 100)).toEqual({ response, usage: said });
  });
});

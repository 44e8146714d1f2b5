import type { OrchestrateInput, OrchestrationDirective } from '@fleet/workflow-registry/messages';
import { orchestrate } from '@fleet/workflows/portable';
import { MODELS, newRequest, rowsOf, runOrchestration, type ChatWorld } from './test-chat-world';

/** The same orchestrations on whatever executor. @param world Called once the specs run. */
export function describeOrchestrate(world: () => ChatWorld): void {
  afterEach(async () => {
    const { provider, store } = world();
    await Promise.all([provider.heal(), provider.forgetCalls()]);
    for (const model of MODELS) await store.routing.succeeded(`at-${model}`, 10);
  });
  describePlans(world);
  describeRefinement(world);
  describeVotes(world);
  describeJudges(world);
}

type Directive = OrchestrationDirective;

function asked(directive: Directive, more: Partial<OrchestrateInput['request']> = {}): OrchestrateInput {
  const request = { messages: [{ role: 'user' as const, content: 'Plan a picnic.' }], ...more };
  return { requestId: newRequest(), apiKeyId: 'key-1', request, policy: {}, directive };
}

const always = { times: 'always' } as const;

/** The row of an orchestration and those of its steps, with the steps' names. */
async function stepsOf(world: ChatWorld, { requestId = '' }: OrchestrateInput) {
  const rows = await rowsOf(world, requestId);
  const own = rows.find((row) => row.requestId === requestId);
  const steps = rows.filter((row) => row.parentRequestId === requestId);
  return { own, steps, names: steps.map((row) => row.requestId.slice(requestId.length)).toSorted() };
}

function describePlans(world: () => ChatWorld): void {
  it('planning is one chat', async () => {
    const input = asked({ mode: 'planning', primaryModelId: 'small' });
    const { result, answer, calls, decision } = await runOrchestration(world(), input);
    expect([calls, decision.modelId, decision.reason]).toEqual([1, 'small', 'planning-orchestration']);
    expect(result).toEqual({ initial_plan: answer });
    const { own, names } = await stepsOf(world(), input);
    expect(names).toEqual(['-plan']);
    expect(own).toMatchObject({ kind: 'orchestrate', mode: 'planning', modelId: 'small', success: true, attempts: 1 });
  });

  it('adversarial: a plan, then as many critiques and plans anew as were asked for; what it costs is the sum', async () => {
    const input = asked({ mode: 'adversarial', iterations: 2, primaryModelId: 'small', reviewModelId: 'large' });
    const output = await runOrchestration(world(), input);
    expect(Object.keys(output.result).toSorted()).toEqual(['critique', 'initial_plan', 'iterations', 'refined_plan']);
    expect(output).toMatchObject({ calls: 5, result: { iterations: 2, refined_plan: output.answer } });
    const { own, steps, names } = await stepsOf(world(), input);
    expect(names).toEqual(['-critique-1', '-critique-2', '-plan', '-refine-1', '-refine-2']);
    for (const step of steps) {
      const isReview = step.requestId.includes('-critique-');
      expect(step).toMatchObject({ kind: 'chat', apiKeyId: 'key-1', mode: isReview ? 'adversarial' : 'planning' });
      expect(step.modelId).toBe(isReview ? 'large' : 'small');
    }
    const cost = steps.reduce((sum, { costUsd }) => sum + costUsd, 0);
    const tokens = steps.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
    expect(output.costUsd).toBeCloseTo(cost, 12);
    expect(output.usage.inputTokens + output.usage.outputTokens).toBe(tokens);
    expect(own).toMatchObject({ costUsd: output.costUsd, attempts: 5, reward: null, apiKeyId: 'key-1' });
    // The last plan is made of the critique of the one before.
    const { calls } = await world().provider.calls();
    expect(JSON.stringify(calls.at(-1)?.body)).toContain(JSON.stringify(output.result.critique ?? '').slice(1, -1));
  });

  it('returns the plan only', async () => {
    const input = asked({ mode: 'adversarial', iterations: 3, returnPlanOnly: true });
    const { result, calls, answer } = await runOrchestration(world(), input);
    expect([result, calls]).toEqual([{ initial_plan: answer }, 1]);
  });

  it('a later round that fails ends the rounds, a first one fails it all', async () => {
    const { provider } = world();
    const models = { primaryModelId: 'small', reviewModelId: 'large' } as const;
    const long = 'long '.repeat(1_000);
    // The second critique is asked with the long plan in it, which is too long for every model.
    for (const text of ['short', long]) await provider.fail({ kind: 'say', text, model: 'small' });
    await provider.fail({ kind: 'say', text: 'wrong', model: 'large' });
    await provider.fail({ kind: 'overflow', contextTokens: 1_000, ...always });
    const output = await runOrchestration(world(), asked({ mode: 'adversarial', iterations: 4, ...models }));
    expect(output.result).toEqual({ initial_plan: 'short', critique: 'wrong', refined_plan: long, iterations: 1 });
    expect([output.answer, output.calls]).toEqual([long, 4]);
    await provider.heal();
    await world().provider.fail({ kind: 'status', status: 422, ...always });
    const failing = asked({ mode: 'adversarial', iterations: 2, ...models });
    await expect(runOrchestration(world(), failing)).rejects.toMatchObject({ code: 'provider_rejected' });
    const { own, names } = await stepsOf(world(), failing);
    expect(names).toEqual(['-plan']);
    expect(own).toMatchObject({ success: false, errorClass: 'fatal', attempts: 1 });
  });
}

function describeRefinement(world: () => ChatWorld): void {
  it('refine: its own model improves the answer twice', async () => {
    const input = asked({ mode: 'refine' }, { modelHint: 'medium' });
    const { result, calls, answer } = await runOrchestration(world(), input);
    expect(result).toEqual({ refined_response: answer, iterations: 2, model: 'medium' });
    expect(calls).toBe(3);
    const { steps, names } = await stepsOf(world(), input);
    expect(names).toEqual(['-initial', '-refine-1', '-refine-2']);
    expect(new Set(steps.map(({ modelId }) => modelId))).toEqual(new Set(['medium']));
  });

  it('refine stops when the answer does not change any more', async () => {
    await world().provider.fail({ kind: 'say', text: 'As good as it gets.', ...always });
    const output = await runOrchestration(world(), asked({ mode: 'refine', iterations: 9 }));
    expect(output).toMatchObject({ calls: 2, answer: 'As good as it gets.', result: { iterations: 1 } });
  });

  it('refine stops at a failure with the best so far', async () => {
    // Too long for the one model that may go on: the first question is short, the one with the answer in it is not.
    await world().provider.fail({ kind: 'say', text: 'long '.repeat(400), model: 'medium' });
    await world().provider.fail({ kind: 'overflow', contextTokens: 300, ...always });
    const output = await runOrchestration(world(), asked({ mode: 'refine', iterations: 4 }, { modelHint: 'medium' }));
    expect(output).toMatchObject({ calls: 2, answer: 'long '.repeat(400), result: { iterations: 0, model: 'medium' } });
  });

  it('has its time for all chats together', async () => {
    await world().provider.fail({ kind: 'slow', delayMs: 2_000, ...always });
    const input = { ...asked({ mode: 'adversarial', iterations: 10 }), policy: { maxLatencyMs: 400 } };
    await expect(runOrchestration(world(), input)).rejects.toMatchObject({ code: 'provider_timeout', status: 504 });
    expect((await stepsOf(world(), input)).own).toMatchObject({ success: false, attempts: 1, latencyBudgetMs: 400 });
  });
}

function describeVotes(world: () => ChatWorld): void {
  it('different models vote, and another one judges', async () => {
    await world().provider.fail({ kind: 'say', text: '{"best": 2}', model: 'tiny', ...always });
    const input = asked({ mode: 'vote', iterations: 3, reviewModelId: 'tiny' });
    const { result, answer, calls, costUsd, decision } = await runOrchestration(world(), input);
    const voters = result.responses?.map(({ model_id: id }) => id) ?? [];
    expect(voters.toSorted()).toEqual(['large', 'medium', 'small']);
    expect(result).toMatchObject({ selected: 1, judge: 'tiny' });
    expect([answer, decision.modelId]).toEqual([result.responses?.[1]?.content, voters[1]]);
    expect([calls, decision.reason, result.judge_error]).toEqual([4, 'vote-orchestration', undefined]);
    const { steps, names } = await stepsOf(world(), input);
    expect(names).toEqual(['-judge', '-vote-1', '-vote-2', '-vote-3']);
    expect(costUsd).toBeCloseTo(
      steps.reduce((sum, step) => sum + step.costUsd, 0),
      12,
    );
  });

  it('of four models three vote and the fourth judges, whoever is named', async () => {
    const input = asked({ mode: 'vote' }, { modelHint: 'tiny' });
    const { result } = await runOrchestration(world(), input);
    const voters = result.responses?.map(({ model_id: id }) => id) ?? [];
    expect([voters[0], new Set([...voters, result.judge]).size]).toEqual(['tiny', 4]);
  });

  it('a voter that fails is left out, and what is left is judged', async () => {
    await world().provider.fail({ kind: 'status', status: 422, model: 'medium', ...always });
    const output = await runOrchestration(world(), asked({ mode: 'vote', reviewModelId: 'tiny' }));
    expect(output.result.responses?.map(({ model_id: id }) => id).toSorted()).toEqual(['large', 'small']);
    // Nobody else votes in its place.
    expect(output.calls).toBe(4);
    expect((await world().provider.calls()).total).toBe(4);
  });

  it('one that is left needs no judge', async () => {
    for (const model of ['medium', 'small'])
      await world().provider.fail({ kind: 'status', status: 422, model, ...always });
    const { result, decision, calls } = await runOrchestration(world(), asked({ mode: 'vote', reviewModelId: 'tiny' }));
    expect([decision.reason, decision.modelId, calls]).toEqual(['vote-single-response', 'large', 3]);
    expect(result).toMatchObject({ selected: 0, responses: [{ model_id: 'large' }] });
  });

  it('fails when all voters do, and when there is none', async () => {
    await world().provider.fail({ kind: 'status', status: 422, ...always });
    const input = asked({ mode: 'vote' });
    await expect(runOrchestration(world(), input)).rejects.toMatchObject({ code: 'provider_rejected', status: 422 });
    const handle = await world().executor.getHandle(orchestrate, `plan-${input.requestId}`);
    expect(await handle.status()).toBe('failed');
    expect((await stepsOf(world(), input)).own).toMatchObject({ success: false, errorClass: 'fatal' });
    const none = asked({ mode: 'vote', primaryMinWeight: 10 });
    await expect(runOrchestration(world(), none)).rejects.toMatchObject({ code: 'no_eligible_model', status: 503 });
    const unknown = asked({ mode: 'vote', reviewModelId: 'gpt-99' });
    await expect(runOrchestration(world(), unknown)).rejects.toMatchObject({ code: 'unknown_model', status: 404 });
  });
}

function describeJudges(world: () => ChatWorld): void {
  it('a judge who says "1 of 3" has chosen the first', async () => {
    await world().provider.fail({ kind: 'say', text: '1 of 3', model: 'tiny', ...always });
    const { result } = await runOrchestration(world(), asked({ mode: 'vote', reviewModelId: 'tiny' }));
    expect(result).toMatchObject({ selected: 0, judge: 'tiny' });
    expect(result.judge_error).toBeUndefined();
  });

  it('a judge who fails, or names no answer, leaves the first', async () => {
    await world().provider.fail({ kind: 'say', text: 'All are fine.', model: 'tiny' });
    const named = await runOrchestration(world(), asked({ mode: 'vote', reviewModelId: 'tiny' }));
    expect(named.result).toMatchObject({ selected: 0, judge: 'tiny', judge_error: 'it named none of the 3 answers' });
    await world().provider.fail({ kind: 'status', status: 422, model: 'tiny', ...always });
    const failed = await runOrchestration(world(), asked({ mode: 'vote', reviewModelId: 'tiny' }));
    expect(failed.result.judge_error).toMatch(/refused the request/);
    expect([failed.result.selected, failed.result.judge]).toEqual([0, undefined]);
    expect(failed.answer).toBe(failed.result.responses?.[0]?.content);
  });

  it('the schema binds what may be the answer, not what is said about it', async () => {
    const outputSchema = { type: 'object', required: ['ok'] };
    for (const model of ['large', 'medium', 'small'])
      await world().provider.fail({ kind: 'say', text: '{"ok":true}', model, ...always });
    const vote = await runOrchestration(world(), asked({ mode: 'vote', reviewModelId: 'tiny' }, { outputSchema }));
    expect([vote.answer, vote.result.judge]).toEqual(['{"ok":true}', 'tiny']);
    const directive = { mode: 'adversarial', primaryModelId: 'large', reviewModelId: 'tiny' } as const;
    const plan = await runOrchestration(world(), asked(directive, { outputSchema }));
    expect(plan.answer).toBe('{"ok":true}');
    await world().provider.heal();
    const bad = runOrchestration(world(), asked({ mode: 'refine' }, { outputSchema }));
    await expect(bad).rejects.toMatchObject({ code: 'output_schema_mismatch', status: 502 });
  });
}

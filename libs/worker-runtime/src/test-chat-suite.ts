import type { FaultInput, StandInProvider } from '@fleet/stand-in-provider';
import type { ChatInput } from '@fleet/workflow-registry/messages';
import { chat } from '@fleet/workflows/portable';
import { chatOf, MODELS, newRequest, rowsOf, runChat, type ChatWorld } from './test-chat-world';

/** The same chats on whatever executor. @param world Called once the specs run. */
export function describeChat(world: () => ChatWorld): void {
  afterEach(async () => {
    const { provider, store } = world();
    await Promise.all([provider.heal(), provider.forgetCalls()]);
    for (const model of MODELS) await store.routing.succeeded(`at-${model}`, 10);
  });
  describeAnswers(world);
  describeMoreAnswers(world);
  describeFailures(world);
  describeClaims(world);
}

function describeAnswers(world: () => ChatWorld): void {
  it('a plain request is one call, two activities and one log row', async () => {
    const input = chatOf('Hello.', { hint: 'medium', apiKeyId: 'key-1', policy: { maxLatencyMs: 60_000 } });
    const output = await runChat(world(), input, 'ada');
    expect(output).toMatchObject({ attempts: 1, decision: { modelId: 'medium', reason: 'routed-hint-exact' } });
    expect(output.response.choices[0]?.message.content).toMatch(
      /^Stand-in answer .* of medium to 1 message\(s\): Hello\.$/,
    );
    const { total, calls } = await world().provider.calls();
    expect([total, calls[0]?.requestId, calls[0]?.idempotencyKey]).toEqual([
      1,
      input.requestId,
      `${input.requestId}-1`,
    ]);
    const history = await world().executor.history(`chat-${input.requestId}`);
    const activities = history.filter(({ type }) => type === 'activity_started').map(({ name }) => name);
    expect(activities).toEqual(['chat', 'logResult']);
    const [row, ...others] = await rowsOf(world(), input.requestId ?? '');
    const { inputTokens, outputTokens } = output.usage;
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      kind: 'chat',
      owner: 'ada',
      apiKeyId: 'key-1',
      mode: 'normal',
      modelId: 'medium',
      providerId: 'at-medium',
      success: true,
      errorClass: null,
      attempts: 1,
      latencyBudgetMs: 60_000,
      costUsd: output.costUsd,
      inputTokens,
      outputTokens,
      latencyMs: output.latencyMs,
      bucket: 'small',
      aborted: false,
    });
    expect(output.costUsd).toBeCloseTo((inputTokens * 0.005 + outputTokens * 0.015) / 1000, 12);
  });

  it('makes an id of its own when there is none', async () => {
    const { requestId, ...input } = chatOf('Hello.');
    const before = (await world().store.chatLog.list({}, 1001)).length;
    await world().dispatcher.run(chat, input, { id: `chat-${requestId}` });
    const rows = await world().store.chatLog.list({}, 1001);
    expect(rows).toHaveLength(before + 1);
    expect(rows[0]?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('the second model answers when the first fails: one workflow, one row', async () => {
    await world().provider.fail({ kind: 'status', status: 503, model: 'large', times: 'always' });
    const input = chatOf('Hello.', { hint: 'large' });
    const output = await runChat(world(), input);
    expect(output).toMatchObject({ attempts: 2, decision: { reason: 'escalated-transient' } });
    expect(output.decision.modelId).not.toBe('large');
    // Three requests of the first: a transient failure is tried again twice.
    expect((await world().provider.calls()).total).toBe(4);
    expect(await rowsOf(world(), input.requestId ?? '')).toMatchObject([
      { success: true, attempts: 2, modelId: output.decision.modelId, errorClass: null },
    ]);
  });
}

function describeMoreAnswers(world: () => ChatWorld): void {
  it('waits as long as the only provider left asks for', async () => {
    await world().provider.fail({ kind: 'status', status: 429, retryAfter: '1', model: 'large' });
    const excludeModels = ['medium', 'small', 'tiny'];
    const output = await runChat(world(), chatOf('Hello.', { excludeModels }));
    expect(output).toMatchObject({ attempts: 2, decision: { modelId: 'large', reason: 'escalated-rate_limited' } });
    const { calls } = await world().provider.calls();
    expect(calls.map(({ idempotencyKey }) => idempotencyKey?.at(-1))).toEqual(['1', '2']);
  });

  it('pays for an answer that does not meet the schema, and takes the next', async () => {
    const { provider } = world();
    await provider.fail({ kind: 'say', text: 'no JSON', model: 'large', times: 'always' });
    await provider.fail({ kind: 'say', text: '{"ok":true}', times: 'always' });
    const outputSchema = { type: 'object', required: ['ok'] };
    const input = chatOf('JSON please.', { hint: 'large' });
    const output = await runChat(world(), { ...input, request: { ...input.request, outputSchema } });
    expect(output).toMatchObject({ attempts: 2, decision: { reason: 'escalated-schema_mismatch' } });
    const [row] = await rowsOf(world(), input.requestId ?? '');
    expect(row).toMatchObject({ costUsd: output.costUsd, attempts: 2 });
    expect(row?.inputTokens).toBe(2 * output.usage.inputTokens);
  });

  it('remembers which alias was asked for', async () => {
    const input = chatOf('Hello.', { hint: 'pair', apiKeyId: 'key-2' });
    expect((await runChat(world(), input)).decision).toMatchObject({ modelId: 'large', aliasFrom: 'pair' });
    expect(await rowsOf(world(), input.requestId ?? '')).toMatchObject([{ aliasFrom: 'pair', apiKeyId: 'key-2' }]);
  });
}

/** What is asked, what happens to every call, and what comes of it. */
type FailureCase = readonly [
  title: string,
  input: Partial<ChatInput> & { readonly hint?: string; readonly outputSchema?: Record<string, unknown> },
  faults: readonly FaultInput[],
  code: string,
  status: number,
  errorClass: string,
  message: RegExp,
];

const always = { times: 'always' } as const;
const FAILURES: readonly FailureCase[] = [
  [
    '5xx',
    {},
    [{ kind: 'status', status: 500, ...always }],
    'provider_failed',
    502,
    'transient',
    /provider at-\w+ failed/,
  ],
  [
    'rate limits',
    {},
    [{ kind: 'status', status: 429, retryAfter: '600', ...always }],
    ...(['provider_rate_limited', 429, 'rate_limited', /busy/] as const),
  ],
  [
    'a request that is refused',
    {},
    [{ kind: 'status', status: 422, ...always }],
    'provider_rejected',
    422,
    'fatal',
    /refused/,
  ],
  [
    'a key that is refused',
    {},
    [{ kind: 'status', status: 401, ...always }],
    'provider_failed',
    502,
    'fatal',
    /failed/,
  ],
  [
    'too long a conversation',
    {},
    [{ kind: 'overflow', ...always }],
    'context_overflow',
    400,
    'context_overflow',
    /too long/,
  ],
  [
    'silence',
    { policy: { maxLatencyMs: 700 } },
    [{ kind: 'silent', ...always }],
    'provider_timeout',
    504,
    'transient',
    /700 ms/,
  ],
  [
    'answers that do not meet the schema',
    { outputSchema: { type: 'object' } },
    [],
    ...(['output_schema_mismatch', 502, 'schema_mismatch', /output schema/] as const),
  ],
  [
    'used-up budgets',
    {},
    [{ kind: 'quota', ...always }],
    'provider_budget_exceeded',
    503,
    'budget_exceeded',
    /used up/,
  ],
  [
    'no model of that weight',
    { policy: { minWeight: 10 } },
    [],
    'no_eligible_model',
    503,
    'no_model',
    /4 weight_below_minimum/,
  ],
  [
    'a model that there is not',
    { hint: 'gpt-99' },
    [],
    'unknown_model',
    404,
    'no_model',
    /"?gpt-99"?; there are: large/,
  ],
];

function describeFailures(world: () => ChatWorld): void {
  it.each(FAILURES)(
    'fails with the code of the table: %s',
    async (_title, given, faults, code, status, errorClass, message) => {
      for (const fault of faults) await world().provider.fail(fault);
      const { outputSchema, ...more } = given;
      const input = chatOf('Hello.', more);
      const request = { ...input.request, ...(outputSchema && { outputSchema }) };
      await expect(runChat(world(), { ...input, request })).rejects.toMatchObject({
        name: 'FleetError',
        code,
        status,
        message: expect.stringMatching(message),
      });
      const handle = await world().executor.getHandle(chat, `chat-${input.requestId}`);
      expect(await handle.outcome()).toMatchObject({ status: 'failed', failure: { type: code } });
      expect(await rowsOf(world(), input.requestId ?? '')).toMatchObject([{ success: false, errorClass }]);
      if (errorClass === 'budget_exceeded') await enableAll(world());
    },
  );

  it('asks at most five times', async () => {
    await world().provider.fail({ kind: 'status', status: 422, ...always });
    const input = chatOf('Hello.');
    await expect(runChat(world(), input)).rejects.toThrow();
    const [row] = await rowsOf(world(), input.requestId ?? '');
    expect([row?.attempts, (await world().provider.calls()).total]).toEqual([4, 4]);
  });
}

async function untilAsked(provider: StandInProvider): Promise<void> {
  const end = Date.now() + 20_000;
  while ((await provider.calls()).open === 0) {
    expect(Date.now()).toBeLessThan(end);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Takes back that models were taken out. Routers look once a second. */
async function enableAll({ store }: ChatWorld): Promise<void> {
  for (const model of MODELS) expect(await store.routing.enableModel(model)).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
}

function describeClaims(world: () => ChatWorld): void {
  it('two workflows of one request make one call between them, and one row', async () => {
    const { provider, dispatcher } = world();
    await provider.fail({ kind: 'slow', delayMs: 700, times: 'always' });
    const input = chatOf('Hello.');
    const outputs = await Promise.all(
      ['a', 'b'].map((name) => dispatcher.run(chat, input, { id: `chat-${input.requestId}-${name}` })),
    );
    expect(outputs[0]).toEqual(outputs[1]);
    const late = await dispatcher.run(chat, input, { id: `chat-${input.requestId}-late` });
    expect(late).toEqual(outputs[0]);
    expect((await provider.calls()).total).toBe(1);
    expect(await rowsOf(world(), input.requestId ?? '')).toHaveLength(1);
  });

  it('the same id again is the same workflow, running or ended', async () => {
    const { provider } = world();
    await provider.fail({ kind: 'slow', delayMs: 500 });
    const input = chatOf('Hello.');
    const [first, second] = await Promise.all([runChat(world(), input), runChat(world(), input)]);
    expect(second).toEqual(first);
    expect(await runChat(world(), input)).toEqual(first);
    expect((await provider.calls()).total).toBe(1);
  });

  it('a caller who leaves ends the wait and nothing else', async () => {
    const { provider, dispatcher } = world();
    await provider.fail({ kind: 'slow', delayMs: 600 });
    const input = chatOf('Hello.');
    const options = { id: `chat-${input.requestId}` };
    const left = new Error('left');
    const signal = AbortSignal.timeout(200);
    await expect(dispatcher.run(chat, input, { ...options, signal })).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(dispatcher.run(chat, input, { ...options, signal: AbortSignal.abort(left) })).rejects.toBe(left);
    expect(await dispatcher.run(chat, input, options)).toMatchObject({ attempts: 1 });
    const { total, aborted } = await provider.calls();
    expect([total, aborted]).toEqual([1, 0]);
  });

  it('a chat that is cancelled is logged, and what was paid for is kept', async () => {
    const { provider, executor, store } = world();
    await provider.fail({ kind: 'slow', delayMs: 1_000 });
    const input = chatOf('Hello.');
    const handle = await executor.execute(chat, input, { id: `chat-${input.requestId}` });
    await untilAsked(provider);
    await executor.cancel(handle.id);
    expect(await handle.outcome()).toMatchObject({ status: 'canceled' });
    expect(await rowsOf(world(), input.requestId ?? '')).toMatchObject([{ success: false, errorClass: 'transient' }]);
    const key = { requestId: input.requestId ?? '', step: 1 };
    const outcome = await store.providerCalls.waitFor(key, { signal: AbortSignal.timeout(10_000), timeoutMs: 10_000 });
    expect(JSON.parse(outcome ?? 'null')).toMatchObject({ ok: true });
    expect((await provider.calls()).aborted).toBe(0);
  });

  it('takes over from a holder that died', async () => {
    const { store, provider } = world();
    const requestId = newRequest();
    await store.providerCalls.claim({ requestId, step: 1, holder: 'dead', leaseMs: 700 });
    expect(await runChat(world(), chatOf('Hello.', { requestId }))).toMatchObject({ attempts: 1 });
    expect((await provider.calls()).total).toBe(1);
  });
}

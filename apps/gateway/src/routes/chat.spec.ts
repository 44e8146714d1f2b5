import { asking, createChatGateway, type ChatGateway } from '../testing/chat-gateway';
import { send } from '../testing/http';

const MODELS = [{ id: 'small' }, { id: 'large', weight: 8 }, { id: 'huge', weight: 1, context: 10_000_000 }];

let gateway: ChatGateway;

beforeAll(async () => {
  gateway = await createChatGateway({ models: MODELS });
});
afterEach(() => Promise.all([gateway.provider.heal(), gateway.provider.forgetCalls()]));
afterAll(() => gateway.close());

const chat = (body: unknown, headers: Record<string, string> = {}) =>
  send(gateway.app, 'POST', '/v1/chat', body, headers);
const plan = (body: unknown) => send(gateway.app, 'POST', '/v1/plan', body);
const said = async (): Promise<readonly unknown[]> =>
  (await gateway.provider.calls()).calls.map(({ body }) => (body as { messages: unknown }).messages);

describe('POST /v1/chat', () => {
  it("answers in TokenHub's shape, and logs it once", async () => {
    const { status, headers, body } = await chat(asking('Hello.', { model_hint: 'large', meta: { mine: 1 } }));
    expect([status, headers['x-negotiated-model'], headers['x-fleet-request-id']]).toEqual([
      200,
      'large',
      body.request_id,
    ]);
    expect(body).toEqual({
      request_id: expect.stringMatching(/^chat_[0-9a-f]{32}$/) as string,
      negotiated_model: 'large',
      estimated_cost_usd: expect.any(Number) as number,
      routing_reason: 'routed-hint-exact',
      cost_usd: expect.any(Number) as number,
      response: expect.objectContaining({ object: 'chat.completion', model: 'large' }) as object,
      latency_ms: expect.any(Number) as number,
      attempts: 1,
    });
    expect(body.cost_usd).toBeGreaterThan(0);
    expect(await gateway.store.chatLog.list({}, 1)).toMatchObject([
      { requestId: body.request_id, owner: 'local', modelId: 'large', success: true, costUsd: body.cost_usd },
    ]);
  });

  it('applies directives, keeps them from the provider and tells what it ignored', async () => {
    const text = '@@fleet min_weight=7\n@@fleet budget=1000\nWhat now?';
    const { body, headers } = await chat(asking(text));
    expect(body.negotiated_model).toBe('large');
    expect(headers['x-fleet-notes']).toMatch(/budget=1000 is ignored/);
    expect(await said()).toEqual([[{ role: 'user', content: 'What now?' }]]);
  });

  it('shapes the text as asked', async () => {
    await gateway.provider.fail({ kind: 'say', text: '<think>Hm.</think>Sure:\n```json\n{"a": 1}\n```' });
    const { body } = await chat({ ...asking('JSON, please.'), output_format: { type: 'json', strip_think: true } });
    expect(body.response.choices[0].message.content).toBe('{"a":1}');
  });

  it('asks another model when the first fails', async () => {
    await gateway.provider.fail({ kind: 'status', status: 400, message: 'no', model: 'small', times: 'always' });
    const { status, body } = await chat(asking('Hello.', { model_hint: 'small' }));
    expect([status, body.negotiated_model, body.attempts]).toEqual([200, 'large', 2]);
  });

  it('says which models were skipped and why when none is left', async () => {
    const { status, headers, body } = await chat({ ...asking('Hello.'), policy: { min_weight: 10 } });
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'no_eligible_model', '5']);
    expect(body.detail).toContain('3 weight_below_minimum');
  });

  it('never shares what two callers with one x-request-id asked', async () => {
    const id = { 'x-request-id': 'mine-1' };
    const answers = await Promise.all([chat(asking('One?'), id), chat(asking('Two?'), id)]);
    expect(new Set(answers.map(({ body }) => body.request_id)).size).toBe(2);
    expect(answers.map(({ body }) => body.response.choices[0].message.content)).toEqual([
      expect.stringMatching(/One\?$/),
      expect.stringMatching(/Two\?$/),
    ]);
  });

  it('keeps prompts and answers out of the log', async () => {
    await chat(asking('a secret question', { model_hint: 'small' }));
    const lines = gateway.logged.join('');
    expect(lines).toMatch(/"duration_ms":\d+,"chat_request_id":"chat_[0-9a-f]{32}","msg":"request"/);
    expect(lines).not.toMatch(/secret question|Stand-in answer/);
  });

  it('counts what it answered', async () => {
    await chat({ ...asking('Hello.', { model_hint: 'small' }), policy: { mode: 'cheap' } });
    const { body } = await send(gateway.app, 'GET', '/metrics');
    const labels = 'mode="cheap",model="small",provider="stand-in",status="ok"';
    expect(body).toContain(`fleet_chat_requests_total{${labels},app="gateway"} 1`);
    expect(body).toContain(`fleet_chat_duration_seconds_bucket{le="300",app="gateway",${labels}} 1`);
    expect(body).toMatch(/fleet_chat_tokens_total\{model="small",provider="stand-in",direction="output",[^}]*\} [1-9]/);
    expect(body).toMatch(/temporal_circuit_state\{[^}]*\} 1/);
  });
});

describe('limits', () => {
  const bad: readonly (readonly [string, object, readonly string[]])[] = [
    ['nothing', {}, ['request']],
    ['no messages', { request: { messages: [] } }, ['request.messages']],
    ['a budget', { ...asking('x'), policy: { max_budget_usd: 100.01 } }, ['policy.max_budget_usd']],
    ['a latency', { ...asking('x'), policy: { max_latency_ms: 300_001 } }, ['policy.max_latency_ms']],
    ['a latency below 0', { ...asking('x'), policy: { max_latency_ms: -1 } }, ['policy.max_latency_ms']],
    ['a weight', { ...asking('x'), policy: { min_weight: 10.5 } }, ['policy.min_weight']],
    ['another field', { ...asking('x'), polciy: {} }, ['polciy']],
    [
      'a role and a content',
      { request: { messages: [{ role: 'robot', content: 'x' }, { role: 'user' }] } },
      ['request.messages[0].role', 'request.messages[1].content'],
    ],
    ['no content', { request: { messages: [{ role: 'user', content: null }] } }, ['request.messages[0].content']],
    [
      'a schema that is none',
      asking('x', { output_schema: { properties: { a: { pattern: '(' } } } }),
      ['request.output_schema.properties.a.pattern'],
    ],
    ['a format of a stream', { ...asking('x'), stream: true, output_format: { type: 'json' } }, ['output_format']],
  ];

  it.each(bad)('refuses %s, by name', async (_name, body, fields) => {
    const answer = await chat(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_input']);
    expect(answer.body.errors.map(({ field }: { field: string }) => field)).toEqual(fields);
    expect((await gateway.provider.calls()).total).toBe(0);
  });

  it('takes what is just within', async () => {
    const policy = { max_budget_usd: 100, max_latency_ms: 300_000, min_weight: 0 };
    expect((await chat({ ...asking('x'), policy })).status).toBe(200);
  });

  it('takes 9 MB of messages, more than a workflow can be given', async () => {
    const text = 'many words '.repeat(820_000);
    await gateway.provider.fail({ kind: 'say', text: 'All read.' });
    const { status, body } = await chat(asking(text, { model_hint: 'huge' }));
    expect([status, body.response?.choices[0].message.content]).toEqual([200, 'All read.']);
    expect(body.cost_usd).toBeGreaterThan(1);
  });

  it('refuses more than 10 MB here, and 1 MB elsewhere', async () => {
    const large = await chat(asking('x'.repeat(10 * 1_048_576)));
    expect([large.status, large.body.code, large.body.detail]).toEqual([
      413,
      'body_too_large',
      'The request body is larger than 10485760 bytes',
    ]);
    const elsewhere = await send(gateway.app, 'POST', '/v1/jobs', { workflow: 'x'.repeat(1_048_576) });
    expect([elsewhere.status, elsewhere.body.detail]).toEqual([413, 'The request body is larger than 1048576 bytes']);
  });
});

describe('POST /v1/plan', () => {
  it('orchestrates, with the keys of its mode', async () => {
    const body = { ...asking('Plan a trip.'), orchestration: { mode: 'adversarial', iterations: 1 } };
    const { status, body: answer, headers } = await plan(body);
    expect(status).toBe(200);
    expect(answer).toMatchObject({ routing_reason: 'adversarial-orchestration', calls: 3 });
    expect(Object.keys(answer.response)).toEqual(
      expect.arrayContaining(['initial_plan', 'critique', 'refined_plan', 'iterations']),
    );
    expect(headers['x-negotiated-model']).toBe(answer.negotiated_model);
    expect((await gateway.provider.calls()).total).toBe(3);
  });

  it('takes 9 MB of messages, as a chat does, at every step', async () => {
    const text = 'many words '.repeat(820_000);
    const models = { primary_model_id: 'huge', review_model_id: 'huge' };
    const { status, body } = await plan({ ...asking(text), orchestration: { mode: 'adversarial', ...models } });
    expect([status, body.calls, body.negotiated_model]).toEqual([200, 3, 'huge']);
    // Only the one model has the room: who may vote is told by the whole conversation.
    const vote = await plan({ ...asking(text), orchestration: { mode: 'vote' } });
    expect([vote.status, vote.body.response.responses.length]).toEqual([200, 1]);
  });

  it('refuses what is out of its limits', async () => {
    const orchestration = { mode: 'votes', iterations: 11, primary_min_weight: 11 };
    const { status, body } = await plan({ ...asking('x'), orchestration });
    expect([status, body.errors.map(({ field }: { field: string }) => field)]).toEqual([
      400,
      ['orchestration.mode', 'orchestration.primary_min_weight', 'orchestration.iterations'],
    ]);
  });
});

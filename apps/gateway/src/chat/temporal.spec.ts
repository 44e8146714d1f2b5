import { createBlackHole, type BlackHole } from '../testing/black-hole';
import { asking, createChatGateway, type ChatGateway } from '../testing/chat-gateway';
import { startChatWorker } from '../testing/chat-worker';
import { send } from '../testing/http';
import { until } from '../testing/until';

const MODELS = [{ id: 'small' }, { id: 'large', weight: 8 }, { id: 'huge', weight: 1, context: 10_000_000 }];

let temporal: BlackHole;
let gateway: ChatGateway;
let worker: { stop(): Promise<void> };

beforeAll(async () => {
  temporal = await createBlackHole(process.env['FLEET_TEST_TEMPORAL_ADDRESS'] ?? '');
  gateway = await createChatGateway({ models: MODELS, temporalEnabled: true, temporalAddress: temporal.address });
  worker = await startChatWorker(gateway, gateway.env);
});
afterEach(() => Promise.all([gateway.provider.heal(), gateway.provider.forgetCalls()]));
afterAll(async () => {
  await worker.stop();
  await gateway.close();
  await temporal.close();
});

const chat = (text: string, headers: Record<string, string> = {}) =>
  send(gateway.app, 'POST', '/v1/chat', asking(text), headers);
const job = async (id: string) => (await send(gateway.app, 'GET', `/v1/jobs/${id}`)).body;
const metrics = async (): Promise<string> => (await send(gateway.app, 'GET', '/metrics')).body as string;

describe('through Temporal', () => {
  it('runs a chat as the workflow chat-{request_id}', async () => {
    const { status, body } = await chat('Hello.');
    expect(status).toBe(200);
    expect(await job(`chat-${body.request_id}`)).toMatchObject({
      workflow: 'chat',
      queue: 'high',
      status: 'completed',
    });
    expect(await gateway.store.chatLog.list({}, 1)).toMatchObject([{ requestId: body.request_id, success: true }]);
  });

  it('runs a plan as plan-{request_id}, and the log of a stream as stream-log-{request_id}', async () => {
    const orchestration = { mode: 'planning' };
    const { body } = await send(gateway.app, 'POST', '/v1/plan', { ...asking('Plan.'), orchestration });
    expect(await job(`plan-${body.request_id}`)).toMatchObject({ workflow: 'orchestrate', status: 'completed' });
    const stream = await send(gateway.app, 'POST', '/v1/chat', { ...asking('Stream.'), stream: true });
    const id = String(stream.headers['x-fleet-request-id']);
    await until(async () => (await job(`stream-log-${id}`)).status === 'completed');
    expect(await gateway.store.chatLog.list({}, 1)).toMatchObject([{ requestId: id, kind: 'stream', success: true }]);
  });

  it('runs a plan of 3 MB, more than a workflow can be given', async () => {
    const orchestration = { mode: 'planning', primary_model_id: 'huge' };
    const asked = { ...asking('many words '.repeat(300_000)), orchestration };
    const { status, body } = await send(gateway.app, 'POST', '/v1/plan', asked);
    expect([status, body.negotiated_model]).toEqual([200, 'huge']);
    expect(await job(`plan-${body.request_id}`)).toMatchObject({ workflow: 'orchestrate', status: 'completed' });
  });

  it('asks anew when a chat or a plan is retried: a new request under the same workflow', async () => {
    for (const [path, prefix, more] of [
      ['/v1/chat', 'chat', {}],
      ['/v1/plan', 'plan', { orchestration: { mode: 'planning' } }],
    ] as const) {
      await gateway.provider.fail({ kind: 'status', status: 422, times: 'always' });
      const asked = { ...asking('Will it do?'), ...more };
      const first = await send(gateway.app, 'POST', path, asked);
      expect([first.status, first.body.code]).toEqual([422, 'provider_rejected']);
      await Promise.all([gateway.provider.heal(), gateway.provider.forgetCalls()]);
      const requestId = String(first.headers['x-fleet-request-id']);
      const id = `${prefix}-${requestId}`;
      const retried = await send(gateway.app, 'POST', `/v1/jobs/${id}/retry`, {});
      expect([retried.status, retried.body]).toMatchObject([202, { workflow_id: id }]);
      await until(async () => (await job(id)).status === 'completed');
      expect((await gateway.provider.calls()).total).toBe(1);
      const rows = await gateway.store.chatLog.list({}, 4);
      const outcomes = rows.map((row) => [row.requestId === requestId, row.parentRequestId, row.success]);
      expect(outcomes).toContainEqual([true, null, false]);
      expect(outcomes).toContainEqual([false, null, true]);
    }
  });

  it("tells a provider's failure as it is, asks no other way and leaves the circuit closed", async () => {
    await gateway.provider.fail({ kind: 'status', status: 422, times: 'always' });
    for (let n = 0; n < 4; n += 1) {
      const { status, body } = await chat(`Bad ${n}?`);
      expect([status, body.code]).toEqual([422, 'provider_rejected']);
    }
    const text = await metrics();
    expect(text).toMatch(/temporal_circuit_state\{[^}]*\} 0/);
    expect(text).not.toMatch(/temporal_fallback_total\{[^}]*\} [1-9]/);
  });

  it('goes on without a client who left: one call, one row, circuit closed', async () => {
    await gateway.provider.fail({ kind: 'slow', delayMs: 1500, times: 'always' });
    const origin = await gateway.listen();
    const init = {
      method: 'POST',
      body: JSON.stringify(asking('Anybody there?')),
      headers: { 'content-type': 'application/json' },
    };
    const before = (await gateway.store.chatLog.list({}, 200)).length;
    const waits = Array.from({ length: 4 }, () =>
      fetch(`${origin}/v1/chat`, { ...init, signal: AbortSignal.timeout(500) }),
    );
    for (const wait of await Promise.allSettled(waits)) expect(wait.status).toBe('rejected');
    await until(async () => (await gateway.store.chatLog.list({}, 200)).length === before + 4);
    const rows = await gateway.store.chatLog.list({}, 4);
    expect(rows.map(({ success }) => success)).toEqual([true, true, true, true]);
    expect((await gateway.provider.calls()).total).toBe(4);
    expect(await metrics()).toMatch(/temporal_circuit_state\{[^}]*\} 0/);
  });
});

describe('when Temporal goes silent', () => {
  it('answers what it waits for and what comes then, asks once, and logs once', async () => {
    await gateway.provider.fail({ kind: 'slow', delayMs: 800, times: 'always' });
    const before = (await gateway.store.chatLog.list({}, 200)).length;
    const waiting = Array.from({ length: 5 }, (_, n) => chat(`During ${n}`));
    await until(async () => (await gateway.provider.calls()).total === 5);
    temporal.swallow();
    const later = await Promise.all([chat('After 1'), chat('After 2'), chat('After 3')]);
    const answers = [...(await Promise.all(waiting)), ...later];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await gateway.provider.calls()).total).toBe(8);
    await until(async () => (await gateway.store.chatLog.list({}, 200)).length === before + 8);
    const text = await metrics();
    expect(text).toMatch(/temporal_fallback_total\{workflow="chat"[^}]*\} [3-9]/);
    expect(text).toMatch(/temporal_circuit_state\{[^}]*\} 1/);
    // Told once for each that met the outage, and not for those that come while the circuit is open.
    const told = (): number => gateway.logged.filter((line) => line.includes('runs in the gateway')).length;
    const toldBefore = told();
    expect(toldBefore).toBeGreaterThan(0);
    expect((await chat('Circuit open.')).status).toBe(200);
    expect(told()).toBe(toldBefore);
    const stream = await send(gateway.app, 'POST', '/v1/chat', { ...asking('Stream.'), stream: true });
    const id = String(stream.headers['x-fleet-request-id']);
    await until(async () => (await gateway.store.chatLog.list({}, 1))[0]?.requestId === id);
    temporal.restore();
  });
});

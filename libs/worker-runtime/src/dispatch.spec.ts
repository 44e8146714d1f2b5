import { readFileSync } from 'node:fs';
import { createActivities } from '@fleet/activities';
import { createLocalExecutor, type DurableExecutor } from '@fleet/durable-executor';
import { createBreaker, withFallback, type BreakerState, type Dispatcher } from '@fleet/durable-executor/dispatch';
import { openPostgresStore } from '@fleet/durable-executor/postgres';
import { createTemporalExecutor } from '@fleet/durable-executor/temporal';
import { startStandInProvider, type StandInProvider } from '@fleet/stand-in-provider';
import { openFleetClient, type FleetClient } from '@fleet/temporal-client';
import { openServer } from '@fleet/temporal-client/server';
import { createTestCertificates } from '@fleet/temporal-client/test-certificates';
import { chat, orchestrate, streamLog } from '@fleet/workflows/portable';
import { chatCatalog, chatOf, rowsOf, runChat, type ChatWorld } from './test-chat-world';
import { startTestFleet, type TestFleet } from './test-fleet';
import { startRelay, type Relay } from './test-relay';
import { startTlsGate } from './test-tls-gate';

const workflows = [chat, orchestrate, streamLog];
/** Short enough for a test, long enough to see it open. */
const OPEN_MS = 1_500;

let provider: StandInProvider;
let fleet: TestFleet;
let relay: Relay;
let client: FleetClient;
let server: ReturnType<typeof openServer>;
let temporal: DurableExecutor;
let local: DurableExecutor;
let journals: ReturnType<typeof openPostgresStore>;
let world: ChatWorld;
let states: BreakerState[];
let fallbacks: string[];
let dispatcher: Dispatcher;

beforeAll(async () => {
  provider = await startStandInProvider();
  const env = chatCatalog(provider);
  fleet = await startTestFleet(['high'], undefined, { env });
  const { databaseUrl: url } = fleet.parts.config;
  relay = await startRelay(fleet.env['TEMPORAL_ADDRESS'] ?? '');
  const behind = { ...fleet.env, TEMPORAL_ADDRESS: relay.address };
  client = openFleetClient({ env: behind });
  server = openServer({ env: behind });
  temporal = createTemporalExecutor({ client: server, workflows, taskQueue: 'high' });
  const activities = createActivities({ store: fleet.store, env });
  journals = openPostgresStore({ url });
  local = createLocalExecutor({ store: journals, workflows, activities });
}, 120_000);

afterAll(async () => {
  await relay.restore();
  await Promise.all([temporal.close(), local.close()]);
  await Promise.all([client.close(), server.close(), journals.close()]);
  await fleet.stop();
  await Promise.all([relay.close(), provider.close()]);
}, 60_000);

const ready = (): Promise<boolean> => client.hasPollers('high');

beforeEach(() => {
  [states, fallbacks] = [[], []];
  const breaker = createBreaker({ probe: ready, openMs: OPEN_MS, onChange: (state) => void states.push(state) });
  const onFallback = ({ id }: { readonly id: string }): void => void fallbacks.push(id);
  dispatcher = withFallback(temporal, local, breaker, { ready, onFallback });
  world = { executor: temporal, dispatcher, provider, store: fleet.store, outage: {} };
});

afterEach(async () => {
  dispatcher.close();
  await relay.restore();
  await until(() =>
    client.ping().then(
      () => true,
      () => false,
    ),
  );
  await Promise.all([provider.heal(), provider.forgetCalls()]);
});

/** Waits until so many calls are under way at the provider. */
async function untilOpen(count: number): Promise<void> {
  await until(async () => (await provider.calls()).open === count);
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error('it did not become true');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('while Temporal works everything goes there, failures and callers who leave included', async () => {
  const input = chatOf('Hello.');
  await runChat(world, input);
  expect(await temporal.store.load(`chat-${input.requestId}`)).toMatchObject({ status: 'completed' });
  await provider.fail({ kind: 'status', status: 422, times: 'always' });
  for (let n = 0; n < 4; n += 1)
    await expect(runChat(world, chatOf('Hello.'))).rejects.toMatchObject({ code: 'provider_rejected' });
  expect((await provider.calls()).total).toBe(1 + 4 * 4);
  await provider.heal();
  await provider.fail({ kind: 'slow', delayMs: 500, times: 'always' });
  const left = Array.from({ length: 4 }, () => chatOf('Hello.'));
  const signal = AbortSignal.timeout(250);
  const waits = left.map((each) => dispatcher.run(chat, each, { id: `chat-${each.requestId}`, signal }));
  for (const wait of await Promise.allSettled(waits)) expect(wait).toMatchObject({ reason: { name: 'TimeoutError' } });
  // On a busy machine they may not even have been asked yet.
  await until(async () => (await provider.calls()).total === 1 + 4 * 4 + 4);
  await until(async () => (await provider.calls()).open === 0);
  expect([(await provider.calls()).total, states, fallbacks]).toEqual([1 + 4 * 4 + 4, [], []]);
});

test('a Temporal that dies during the wait is noticed at once, and nothing is asked twice', async () => {
  await provider.fail({ kind: 'slow', delayMs: 3_000, times: 'always' });
  const inputs = Array.from({ length: 5 }, () => chatOf('Hello.'));
  const running = inputs.map((input) => runChat(world, input));
  await untilOpen(inputs.length);
  const cutAt = Date.now();
  await relay.cut();
  await until(() => fallbacks.length === inputs.length);
  const noticedAfter = Date.now() - cutAt;
  expect(noticedAfter).toBeLessThan(2_500);
  expect((await Promise.all(running)).map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1, 1]);
  expect(states[0]).toBe('open');
  // The worker, whose own connection was not cut, made the calls; the fallback took what it stored.
  expect((await provider.calls()).total).toBe(inputs.length);
  for (const { requestId = '' } of inputs) expect(await rowsOf(world, requestId)).toHaveLength(1);
});

test('a Temporal that refuses the key is one that does not work, and the reason says so', async () => {
  const certificates = createTestCertificates();
  const gate = await startTlsGate({
    target: fleet.env['TEMPORAL_ADDRESS'] ?? '',
    tls: { key: readFileSync(certificates.at('server.key')), cert: readFileSync(certificates.at('server.pem')) },
    check: () => ({ status: 16, message: 'Request unauthorized.' }),
  });
  const env = { ...fleet.env, TEMPORAL_ADDRESS: gate.address, TEMPORAL_API_KEY: 'expired-key' };
  const shut = openServer({ env: { ...env, TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.at('ca.pem') } });
  const executor = createTemporalExecutor({ client: shut, workflows, taskQueue: 'high' });
  const reasons: string[] = [];
  const breaker = createBreaker({ probe: ready, openMs: OPEN_MS, onChange: () => undefined });
  const onFallback = ({ reason }: { readonly reason: string }): void => void reasons.push(reason);
  const guarded = withFallback(executor, local, breaker, { ready, onFallback });
  const input = chatOf('Hello.');
  try {
    expect(await guarded.run(chat, input, { id: `chat-${input.requestId}` })).toMatchObject({ attempts: 1 });
    expect(reasons).toEqual([expect.stringContaining('does not accept the key for this namespace')]);
    expect(reasons[0]).not.toContain('expired-key');
  } finally {
    guarded.close();
    await executor.close();
    await shut.close();
    await gate.close();
    certificates.remove();
  }
});

test('a Temporal that falls silent is noticed in time, and the workflow that goes on there calls nobody', async () => {
  await provider.fail({ kind: 'slow', delayMs: 500, times: 'always' });
  relay.freeze();
  const input = chatOf('Hello.');
  const output = await runChat(world, input);
  expect([output.attempts, fallbacks]).toEqual([1, [`chat-${input.requestId}`]]);
  await relay.restore();
  // What the fallback did is there for a workflow that starts late.
  const handle = await temporal.execute(chat, input, { id: `late-${input.requestId}` });
  expect(await handle.result()).toEqual(output);
  expect((await provider.calls()).total).toBe(1);
  expect(await rowsOf(world, input.requestId ?? '')).toHaveLength(1);
});

test('three failures open the breaker; while it is open answers come at once; a probe closes it', async () => {
  await relay.cut();
  for (let n = 0; n < 3; n += 1) await runChat(world, chatOf('Hello.'));
  expect(states).toEqual(['open']);
  await provider.fail({ kind: 'slow', delayMs: 200, times: 'always' });
  const times: number[] = [];
  for (let n = 0; n < 4; n += 1) {
    const startedAt = performance.now();
    await runChat(world, chatOf('Hello.'));
    times.push(performance.now() - startedAt - 200);
  }
  expect(Math.min(...times)).toBeLessThan(250);
  await until(() => states.filter((state) => state === 'half_open').length >= 2);
  expect(states.slice(0, 3)).toEqual(['open', 'half_open', 'open']);
  await relay.restore();
  await until(() => states.at(-1) === 'closed');
  const before = fallbacks.length;
  const input = chatOf('Hello.');
  await runChat(world, input);
  expect(fallbacks).toHaveLength(before);
  expect((await temporal.store.load(`chat-${input.requestId}`)).status).toBe('completed');
});

test('a queue without workers is no place to wait', async () => {
  const nobody = createTemporalExecutor({ client: server, workflows, taskQueue: 'scheduled' });
  const abandoned = withFallback(nobody, local, createBreaker({ probe: async () => false }), {
    ready: async () => client.hasPollers('scheduled'),
    onFallback: ({ reason }) => void fallbacks.push(reason),
  });
  const input = chatOf('Hello.');
  expect(await abandoned.run(chat, input, { id: `chat-${input.requestId}` })).toMatchObject({ attempts: 1 });
  expect(fallbacks).toEqual(['no workers']);
  abandoned.close();
  await nobody.close();
});

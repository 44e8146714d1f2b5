import postgres from 'postgres';
import { openStore, type Store } from '../store';
import { createTestDatabase, type TestDatabase } from '../test-database';
import { sharedRouterState } from './router-state';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
});

afterEach(async () => {
  await store.close();
  await database.drop();
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    expect(performance.now()).toBeLessThan(end);
    await new Promise((done) => setTimeout(done, 50));
  }
}

test('what one process learns the other knows', async () => {
  const [one, two] = [sharedRouterState({ store }), sharedRouterState({ store })];
  await one.succeeded('up', 'small', 20);
  for (let error = 0; error < 5; error += 1) await one.failed('down', 'large');
  await one.disableModel('large', 'budget_exceeded');
  const chat = {
    kind: 'chat',
    owner: 'local',
    mode: 'normal',
    success: true,
    attempts: 1,
    latencyBudgetMs: 1,
  } as const;
  const sample = { requestId: 'r', modelId: 'small', reward: 0.5, bucket: 'small' } as const;
  await store.chatLog.write({ ...chat, ...sample, latencyMs: 1, costUsd: 0, inputTokens: 1, outputTokens: 1 });
  const now = Date.now();
  const { health, disabledModels, arms } = await two.snapshot();
  expect(health.get('up')).toEqual({
    state: 'healthy',
    consecutiveErrors: 0,
    cooldownUntil: 0,
    latencyMs: 20,
    failureRatio: 0,
  });
  expect(health.get('down')).toMatchObject({ state: 'down', consecutiveErrors: 5, latencyMs: undefined });
  expect(health.get('down')?.cooldownUntil).toBeGreaterThan(now + 20_000);
  expect(health.get('down')?.cooldownUntil).toBeLessThanOrEqual(Date.now() + 30_000);
  expect([...disabledModels]).toEqual([['large', 'budget_exceeded']]);
  expect(arms).toEqual([{ modelId: 'small', bucket: 'small', samples: 1, sum: 0.5 }]);
  expect(await Promise.all([one.nextTurn('*'), two.nextTurn('*')])).toEqual(expect.arrayContaining([0, 1]));
  expect(await one.claimTrial('down')).toBe(false);
});

test('what one process disables it knows at once, the other within a second or so, and so with what is enabled', async () => {
  const [one, two] = [sharedRouterState({ store }), sharedRouterState({ store })];
  const disabled = async (state: typeof one) => [...(await state.snapshot()).disabledModels.keys()];
  expect([await disabled(one), await disabled(two)]).toEqual([[], []]);
  const writing = one.disableModel('large', 'budget_exceeded');
  expect(await disabled(one)).toEqual(['large']);
  await writing;
  expect(await disabled(one)).toEqual(['large']);
  await until(async () => (await disabled(two)).length === 1);
  await store.routing.enableModel('large');
  two.refresh();
  expect(await disabled(two)).toEqual([]);
  await until(async () => (await disabled(one)).length === 0);
});

test('what could not be written is known all the same', async () => {
  const state = sharedRouterState({ store });
  await state.snapshot();
  await store.close();
  await state.disableModel('large', 'budget_exceeded');
  expect([...(await state.snapshot()).disabledModels]).toEqual([['large', 'budget_exceeded']]);
});

test('a snapshot is read once for all who ask at once, and again when it is a second old', async () => {
  let reads = 0;
  const snapshot = () => {
    reads += 1;
    return store.routing.snapshot();
  };
  const state = sharedRouterState({ store: { chatLog: store.chatLog, routing: { ...store.routing, snapshot } } });
  await Promise.all(Array.from({ length: 100 }, () => state.snapshot()));
  expect(reads).toBe(1);
  await store.routing.failed('later');
  await until(async () => (await state.snapshot()).health.has('later'));
  expect(reads).toBeGreaterThan(1);
});

test('without Postgres a chat goes on: with what was known, turns of its own, and no trial', async () => {
  const errors: unknown[] = [];
  const state = sharedRouterState({ store, onError: (error) => errors.push(error) });
  await state.disableModel('large', 'budget_exceeded');
  expect(await state.nextTurn('*')).toBe(0);
  expect((await state.snapshot()).disabledModels.size).toBe(1);
  await store.close();
  await new Promise((done) => setTimeout(done, 1_100));
  expect((await state.snapshot()).disabledModels.size).toBe(1);
  await Promise.all([state.succeeded('p', 'm', 1), state.failed('p', 'm'), state.disableModel('m', 'x')]);
  expect(await state.claimTrial('p')).toBe(false);
  expect([await state.nextTurn('*'), await state.nextTurn('*')]).toEqual([1, 2]);
  expect(errors).toHaveLength(7);
  expect(errors).toEqual(errors.map(() => expect.objectContaining({ code: 'store_unavailable' })));
});

test('a Postgres that hangs holds nobody up for long', async () => {
  const admin = postgres(database.url, { max: 1 });
  const lock = await admin.reserve();
  await lock`begin`;
  await lock`lock table provider_health in access exclusive mode`;
  const state = sharedRouterState({ store });
  const start = performance.now();
  expect((await state.snapshot()).health.size).toBe(0);
  expect(performance.now() - start).toBeLessThan(1_800);
  await lock`commit`;
  lock.release();
  await admin.end();
});

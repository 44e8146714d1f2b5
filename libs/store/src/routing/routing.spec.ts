import postgres from 'postgres';
import { openStore, type Store } from '../store';
import { createTestDatabase, type TestDatabase } from '../test-database';

let database: TestDatabase;
let one: Store;
let two: Store;
let admin: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  one = openStore({ url: database.url });
  two = openStore({ url: database.url });
  admin = postgres(database.url, { max: 1 });
});

afterAll(async () => {
  await Promise.all([one.close(), two.close(), admin.end()]);
  await database.drop();
});

const healthOf = async (id: string) =>
  (await one.routing.snapshot()).health.find(({ providerId }) => providerId === id);

async function fail(providerId: string, times: number): Promise<void> {
  for (let index = 0; index < times; index += 1) await one.routing.failed(providerId);
}

const endCooldown = (providerId: string) =>
  admin`update provider_health set cooldown_until = clock_timestamp() where provider_id = ${providerId}`;

test('two errors in a row degrade a provider, five take it down for 30 s, an answer heals it', async () => {
  const states: unknown[] = [];
  for (let errors = 1; errors <= 5; errors += 1) {
    await fail('sick', 1);
    states.push((await healthOf('sick'))?.state);
  }
  expect(states).toEqual(['healthy', 'degraded', 'degraded', 'degraded', 'down']);
  const down = await healthOf('sick');
  expect(down?.consecutiveErrors).toBe(5);
  expect(down?.cooldownMs).toBeGreaterThan(20_000);
  expect(down?.cooldownMs).toBeLessThanOrEqual(30_000);
  await two.routing.succeeded('sick', 80);
  expect(await healthOf('sick')).toMatchObject({
    state: 'healthy',
    consecutiveErrors: 0,
    cooldownMs: 0,
    latencyMs: 80,
  });
});

test('latency and failure are moving averages', async () => {
  const { routing } = one;
  await routing.failed('average');
  expect(await healthOf('average')).toMatchObject({ latencyMs: null, failureRatio: 0.1 });
  let [latency, failure] = [100, 0.09];
  await routing.succeeded('average', latency);
  for (const sample of [200, 50, 300]) {
    await routing.succeeded('average', sample);
    latency = 0.9 * latency + 0.1 * sample;
    failure *= 0.9;
  }
  await routing.failed('average');
  failure = 0.9 * failure + 0.1;
  const health = await healthOf('average');
  expect(health?.latencyMs).toBeCloseTo(latency, 9);
  expect(health?.failureRatio).toBeCloseTo(failure, 9);
});

test('errors of several processes at once are all counted', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? one : two).routing.failed('many')));
  expect(await healthOf('many')).toMatchObject({ state: 'down', consecutiveErrors: 20 });
});

test('after a cooldown one call tries the provider; when it fails the cooldown begins again', async () => {
  const claims = () =>
    Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? one : two).routing.claimTrial('tried')));
  expect(await one.routing.claimTrial('unknown')).toBe(false);
  await fail('tried', 4);
  expect(await one.routing.claimTrial('tried')).toBe(false);
  await fail('tried', 1);
  expect((await claims()).filter(Boolean)).toEqual([]);
  await endCooldown('tried');
  expect(await healthOf('tried')).toMatchObject({ state: 'down', cooldownMs: 0 });
  expect((await claims()).filter(Boolean)).toEqual([true]);
  expect((await healthOf('tried'))?.cooldownMs).toBeGreaterThan(20_000);
  await endCooldown('tried');
  await fail('tried', 1);
  expect((await claims()).filter(Boolean)).toEqual([]);
});

test('a change of state is an event, and nothing else is', async () => {
  await fail('told', 6);
  await one.routing.succeeded('told', 10);
  await one.routing.succeeded('told', 10);
  const changes = await admin<{ data: string }[]>`
    select data from events where type = 'health_change' and data::jsonb ->> 'provider_id' = 'told' order by seq`;
  expect(changes.map(({ data }) => JSON.parse(data) as unknown)).toEqual([
    { provider_id: 'told', state: 'degraded', before: 'healthy', consecutive_errors: 2 },
    { provider_id: 'told', state: 'down', before: 'degraded', consecutive_errors: 5 },
    { provider_id: 'told', state: 'healthy', before: 'down', consecutive_errors: 0 },
  ]);
});

test('a model is disabled for its first reason until it is enabled', async () => {
  const { routing } = one;
  expect(await routing.disableModel('m', 'budget_exceeded')).toBe(true);
  expect(await two.routing.disableModel('m', 'again')).toBe(false);
  const { disabled } = await two.routing.snapshot();
  expect(disabled).toEqual([{ modelId: 'm', reason: 'budget_exceeded', at: expect.any(Date) }]);
  expect(Math.abs((disabled[0]?.at.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(await routing.enableModel('m')).toBe(true);
  expect(await routing.enableModel('m')).toBe(false);
  expect((await routing.snapshot()).disabled).toEqual([]);
});

test('turns are taken one by one over two pools, for each name from 0', async () => {
  const turns = await Promise.all(
    Array.from({ length: 50 }, (_, index) => (index % 2 ? one : two).routing.nextTurn('alias')),
  );
  expect(turns.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  expect(await one.routing.nextTurn('other')).toBe(0);
});

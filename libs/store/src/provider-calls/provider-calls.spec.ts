import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { openStore, type Store } from '../store';
import { createTestDatabase, type TestDatabase } from '../test-database';

let database: TestDatabase;
let one: Store;
let two: Store;

beforeAll(async () => {
  database = await createTestDatabase();
  one = openStore({ url: database.url });
  two = openStore({ url: database.url });
});

afterAll(async () => {
  await Promise.all([one.close(), two.close()]);
  await database.drop();
});

const claim = (requestId: string, holder: string, leaseMs = 60_000) => ({ requestId, step: 1, holder, leaseMs });
const signal = new AbortController().signal;

/** Fifty claims at once, over two pools. */
const fifty = (requestId: string, round: string) =>
  Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      (index % 2 ? one : two).providerCalls.claim(claim(requestId, `${round}-${index}`)),
    ),
  );

test('of fifty claims at once one has the call, and again after its lease', async () => {
  const found = await fifty('race', 'first');
  expect(found.filter(({ state }) => state === 'claimed')).toHaveLength(1);
  for (const state of found) {
    if (state.state !== 'claimed') expect(state).toEqual({ state: 'held', leaseEndsInMs: expect.any(Number) });
  }
  const dead = { requestId: 'dead', step: 1 };
  await one.providerCalls.claim(claim('dead', 'dying', 1));
  await one.providerCalls.waitFor(dead, { signal, timeoutMs: 30_000 });
  const later = await fifty('dead', 'second');
  expect(later.filter(({ state }) => state === 'claimed')).toHaveLength(1);
  expect(await one.providerCalls.renew(claim('dead', 'dying'))).toBe(false);
});

test('a claim is the same claim when it is made again, and steps are calls of their own', async () => {
  const { providerCalls } = one;
  expect(await providerCalls.claim(claim('again', 'a'))).toEqual({ state: 'claimed' });
  expect(await providerCalls.claim(claim('again', 'a'))).toEqual({ state: 'claimed' });
  const held = await providerCalls.claim(claim('again', 'b'));
  expect(held.state === 'held' && held.leaseEndsInMs).toBeGreaterThan(30_000);
  expect(held.state === 'held' && held.leaseEndsInMs).toBeLessThanOrEqual(60_000);
  expect(await providerCalls.claim({ ...claim('again', 'b'), step: 2 })).toEqual({ state: 'claimed' });
});

test('renewing keeps the lease, of the holder only', async () => {
  const { providerCalls } = one;
  await providerCalls.claim(claim('renewed', 'a', 1));
  expect(await providerCalls.renew(claim('renewed', 'b'))).toBe(false);
  expect(await providerCalls.renew(claim('renewed', 'a'))).toBe(true);
  expect(await providerCalls.claim(claim('renewed', 'b'))).toMatchObject({ state: 'held' });
  await providerCalls.finish({ ...claim('renewed', 'a'), outcome: '{}' });
  expect(await providerCalls.renew(claim('renewed', 'a'))).toBe(false);
});

test('the outcome is stored once: the first counts, also of a holder that was taken for dead', async () => {
  const { providerCalls } = one;
  const outcome = JSON.stringify({ text: 'é "quoted" \u2028', n: 0.1 });
  await providerCalls.claim(claim('done', 'a', 1));
  await providerCalls.waitFor({ requestId: 'done', step: 1 }, { signal, timeoutMs: 30_000 });
  expect(await providerCalls.claim(claim('done', 'b'))).toEqual({ state: 'claimed' });
  expect(await providerCalls.finish({ ...claim('done', 'a'), outcome })).toBe(outcome);
  expect(await providerCalls.finish({ ...claim('done', 'b'), outcome: '"second"' })).toBe(outcome);
  expect(await two.providerCalls.claim(claim('done', 'c'))).toEqual({ state: 'done', outcome });
  const race = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? one : two).providerCalls.finish({ ...claim('finish', `${index}`), outcome: `${index}` }),
    ),
  );
  expect(new Set(race).size).toBe(1);
});

test('a claim given back is free; one that is done is not', async () => {
  const { providerCalls } = one;
  await providerCalls.claim(claim('free', 'a'));
  await providerCalls.release(claim('free', 'b'));
  expect(await providerCalls.claim(claim('free', 'b'))).toMatchObject({ state: 'held' });
  await providerCalls.release(claim('free', 'a'));
  expect(await providerCalls.claim(claim('free', 'b'))).toEqual({ state: 'claimed' });
  await providerCalls.finish({ ...claim('free', 'b'), outcome: '1' });
  await providerCalls.release(claim('free', 'b'));
  expect(await providerCalls.claim(claim('free', 'c'))).toEqual({ state: 'done', outcome: '1' });
});

describe('waiting', () => {
  test('two hundred wait for their calls and get each its own', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => `wait-${index}`);
    await Promise.all(ids.map((id) => one.providerCalls.claim(claim(id, 'a'))));
    const waiting = ids.map((requestId) =>
      two.providerCalls.waitFor({ requestId, step: 1 }, { signal: new AbortController().signal, timeoutMs: 30_000 }),
    );
    await Promise.all(ids.map((id) => one.providerCalls.finish({ ...claim(id, 'a'), outcome: JSON.stringify(id) })));
    expect(await Promise.all(waiting)).toEqual(ids.map((id) => JSON.stringify(id)));
  });

  test('ends when nobody has the call, by time, and by its signal', async () => {
    const { providerCalls } = one;
    expect(await providerCalls.waitFor({ requestId: 'none', step: 1 }, { signal, timeoutMs: 30_000 })).toBeUndefined();
    await providerCalls.claim(claim('slow', 'a'));
    expect(await providerCalls.waitFor({ requestId: 'slow', step: 1 }, { signal, timeoutMs: 60 })).toBeUndefined();
    const controller = new AbortController();
    const aborted = providerCalls.waitFor(
      { requestId: 'slow', step: 1 },
      { signal: controller.signal, timeoutMs: 30_000 },
    );
    const reason = new Error('gone');
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    const late = providerCalls.waitFor({ requestId: 'slow', step: 1 }, { signal: controller.signal, timeoutMs: 1 });
    await expect(late).rejects.toBe(reason);
  });

  test('comes to an end although others join all the time', async () => {
    const { providerCalls } = one;
    await Promise.all(['joined', 'busy'].map((id) => providerCalls.claim(claim(id, 'a'))));
    const waiting = providerCalls.waitFor({ requestId: 'joined', step: 1 }, { signal, timeoutMs: 30_000 });
    await providerCalls.finish({ ...claim('joined', 'a'), outcome: '1' });
    const others: Promise<unknown>[] = [];
    const join = () => {
      const options = { signal: new AbortController().signal, timeoutMs: 30_000 };
      others.push(providerCalls.waitFor({ requestId: 'busy', step: 1 }, options));
    };
    const joining = setInterval(join, 5);
    const found = await waiting;
    clearInterval(joining);
    expect(found).toBe('1');
    await providerCalls.release(claim('busy', 'a'));
    await Promise.all(others);
  });

  test('goes on after the connections were cut', async () => {
    await one.providerCalls.claim(claim('cut', 'a'));
    const waiting = two.providerCalls.waitFor({ requestId: 'cut', step: 1 }, { signal, timeoutMs: 30_000 });
    const admin = postgres(database.url, { max: 1 });
    const cut = () => admin`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    await cut();
    await sleep(100);
    await cut();
    await admin`update provider_calls set outcome = '"there"' where request_id = 'cut'`;
    await admin.end();
    expect(await waiting).toBe('"there"');
  });
});

test('old calls are deleted, but none that is under way', async () => {
  const { providerCalls } = one;
  await providerCalls.claim(claim('live', 'a'));
  await providerCalls.finish({ ...claim('old', 'a'), outcome: '1' });
  const future = new Date(Date.now() + 3_600_000);
  expect(await providerCalls.sweep(new Date(0), 1000)).toBe(0);
  expect(await providerCalls.sweep(future, 3)).toBe(3);
  while ((await providerCalls.sweep(future, 100)) > 0);
  expect(await providerCalls.claim(claim('live', 'b'))).toMatchObject({ state: 'held' });
  expect(await providerCalls.claim(claim('old', 'b'))).toEqual({ state: 'claimed' });
});

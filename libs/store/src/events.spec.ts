import postgres from 'postgres';
import { openStore, type Store } from './store';
import { createTestDatabase, type TestDatabase } from './test-database';

let database: TestDatabase;
let store: Store;
let admin: postgres.Sql;

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
  admin = postgres(database.url, { max: 2 });
});

afterEach(async () => {
  await Promise.all([store.close(), admin.end()]);
  await database.drop();
});

/** Polls, as other databases of this server have statements under way, behind which events wait. */
async function eventually<T>(read: () => Promise<T>, fits: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (fits(value)) return value;
    await new Promise((done) => setTimeout(done, 20));
  }
}

const readAll = (count: number) =>
  eventually(
    () => store.events.after(0, 1000),
    ({ length }) => length >= count,
  );

test('events are read in pages from where a reader is', async () => {
  const { events } = store;
  expect(await events.last()).toBe(0);
  expect(await events.after(0, 10)).toEqual([]);
  for (let index = 0; index < 5; index += 1) await events.publish('tick', { index });
  const all = await readAll(5);
  expect(all.map(({ data }) => data)).toEqual([0, 1, 2, 3, 4].map((index) => ({ index })));
  expect(all[0]).toEqual({ seq: expect.any(Number), type: 'tick', at: expect.any(Date), data: { index: 0 } });
  const page = await events.after(all[1]?.seq ?? 0, 2);
  expect(page).toEqual(all.slice(2, 4));
  expect(await events.last()).toBe(all[4]?.seq);
  expect(await events.after(all[4]?.seq ?? 0, 2)).toEqual([]);
});

test('an event that is committed late is not skipped', async () => {
  const { events } = store;
  const writer = await admin.reserve();
  await writer`begin`;
  await writer`insert into events (type, data) values ('late', '1')`;
  const prompt = await events.publish('prompt', 2);
  const [{ first }] = await writer<[{ first: number }]>`select seq::integer as first from events`;
  expect(first).toBeLessThan(prompt);
  expect(await events.after(0, 10)).toEqual([]);
  await writer`commit`;
  writer.release();
  expect((await readAll(2)).map(({ type }) => type)).toEqual(['late', 'prompt']);
});

async function write(): Promise<void> {
  for (let index = 0; index < 25; index += 1) await store.events.publish('tick', index);
}

test('events restored from a dump of another server do not hide the new ones', async () => {
  const { events } = store;
  const restored = await events.publish('restored', 1);
  await admin`update events set tx = '9000000000000000000'`;
  const fresh = await events.publish('fresh', 2);
  const read = () => events.after(restored, 10);
  expect((await eventually(read, ({ length }) => length > 0)).map(({ seq }) => seq)).toEqual([fresh]);
  expect(await events.last()).toBe(fresh);
});

test('readers who follow eight writers miss nothing and see one order', async () => {
  const written = 8 * 25;
  const follow = async () => {
    const seen: number[] = [];
    while (seen.length < written) {
      seen.push(...(await store.events.after(seen.at(-1) ?? 0, 7)).map(({ seq }) => seq));
    }
    return seen;
  };
  const [left, right] = await Promise.all([follow(), follow(), ...Array.from({ length: 8 }, write)]);
  expect(left).toEqual(right);
  expect(new Set(left).size).toBe(written);
});

test('those who listen are told, also after their connection was cut, until they stop', async () => {
  let news = 0;
  const stop = await store.events.listen(() => (news += 1));
  const told = async (more: () => Promise<unknown>) => {
    const before = news;
    await eventually(more, () => news > before);
  };
  await told(() => store.events.publish('tick', 1));
  await admin`
    select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'`;
  await told(async () => undefined);
  await told(() => store.events.publish('tick', 2));
  stop();
  const before = news;
  await store.events.publish('tick', 3);
  await store.ping();
  expect(news).toBe(before);
});

test('old events are pruned, and a reader who was there goes on', async () => {
  const { events } = store;
  for (let index = 0; index < 6; index += 1) await events.publish('tick', index);
  const all = await readAll(6);
  await admin`update events set at = at - interval '8 days' where seq <= ${all[3]?.seq ?? 0}`;
  const cutoff = new Date(Date.now() - 7 * 86_400_000);
  expect(await events.prune(cutoff, 3)).toBe(3);
  expect(await events.prune(cutoff, 3)).toBe(1);
  expect(await events.after(all[2]?.seq ?? 0, 10)).toEqual(all.slice(4));
});

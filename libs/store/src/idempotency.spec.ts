import postgres from 'postgres';
import { openStore, type Store } from './store';
import { createTestDatabase, type TestDatabase } from './test-database';

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

const scope = (key: string) => ({ owner: 'local', path: '/v1/chat', key });
const request = (key: string, requestId: string, bodySha256 = 'aa') => ({ ...scope(key), bodySha256, requestId });
const answer = (key: string, requestId: string, body = '{}') => ({ ...scope(key), requestId, status: 200, body });
const expire = (key: string) =>
  admin`update idempotency_keys set expires_at = clock_timestamp() - interval '1 millisecond' where key = ${key}`;

/** Twenty requests at once, over two pools. */
const twenty = (key: string, round: string) =>
  Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? one : two).idempotency.claim(request(key, `${round}-${index}`)),
    ),
  );

test('of twenty at two gateways one is new, and the others are told its request', async () => {
  const found = await twenty('race', 'r');
  const first = found.findIndex(({ state }) => state === 'new');
  const others = found.filter((_, index) => index !== first);
  expect(others).toEqual(others.map(() => ({ state: 'running', requestId: `r-${first}` })));
});

test('the answer comes back byte for byte, also after a second one', async () => {
  const body = '{"text":"é \\u0000 \u2028 😀", "n": 1.10 }\n';
  await one.idempotency.claim(request('answer', 'r1'));
  await one.idempotency.finish(answer('answer', 'r1', body));
  await one.idempotency.finish(answer('answer', 'r1', 'other'));
  const again = await two.idempotency.claim(request('answer', 'r2'));
  expect(again).toEqual({ state: 'done', requestId: 'r1', status: 200, body });
});

test('another body is refused, while the first runs and when it is done', async () => {
  await one.idempotency.claim(request('reused', 'r1'));
  const reused = () => two.idempotency.claim(request('reused', 'r2', 'bb'));
  await expect(reused()).rejects.toMatchObject({ code: 'idempotency_key_reused', status: 422 });
  await one.idempotency.finish(answer('reused', 'r1'));
  await expect(reused()).rejects.toMatchObject({ code: 'idempotency_key_reused' });
});

test('owner and path have keys of their own, and a repeated claim is the same claim', async () => {
  const { idempotency } = one;
  for (const more of [{}, { owner: 'ada' }, { path: '/v1/plan' }, {}]) {
    expect(await idempotency.claim({ ...request('scope', 'r1'), ...more })).toEqual({ state: 'new' });
  }
});

test('what is forgotten is new again; what is answered is not forgotten', async () => {
  const { idempotency } = one;
  await idempotency.claim(request('forget', 'r1'));
  await idempotency.forget({ ...scope('forget'), requestId: 'other' });
  expect(await idempotency.claim(request('forget', 'r2'))).toEqual({ state: 'running', requestId: 'r1' });
  await idempotency.forget({ ...scope('forget'), requestId: 'r1' });
  expect(await idempotency.claim(request('forget', 'r2', 'bb'))).toEqual({ state: 'new' });
  await idempotency.finish(answer('forget', 'r2'));
  await idempotency.forget({ ...scope('forget'), requestId: 'r2' });
  expect(await idempotency.claim(request('forget', 'r3', 'bb'))).toMatchObject({ state: 'done' });
});

test('a key whose process died goes to one other, and the dead one cannot answer for it any more', async () => {
  await one.idempotency.claim(request('dead', 'old'));
  await expire('dead');
  const found = await twenty('dead', 'r');
  expect(found.filter(({ state }) => state === 'new')).toHaveLength(1);
  await one.idempotency.finish(answer('dead', 'old'));
  expect(await two.idempotency.claim(request('dead', 'late'))).toMatchObject({ state: 'running' });
});

const secondsLeft = async () => {
  const [row] = await admin`
    select extract(epoch from expires_at - clock_timestamp())::float8 as seconds
    from idempotency_keys where key = 'time'`;
  return Number(row?.seconds);
};

test('a key lasts six minutes without an answer, and five with one', async () => {
  await one.idempotency.claim(request('time', 'r1'));
  expect(await secondsLeft()).toBeGreaterThan(310);
  expect(await secondsLeft()).toBeLessThanOrEqual(360);
  await one.idempotency.finish(answer('time', 'r1'));
  expect(await secondsLeft()).toBeGreaterThan(240);
  expect(await secondsLeft()).toBeLessThanOrEqual(300);
  await expire('time');
  expect(await one.idempotency.claim(request('time', 'r2', 'bb'))).toEqual({ state: 'new' });
});

const sweepable = async () =>
  Number((await admin`select count(*) from idempotency_keys where path = '/sweep'`)[0]?.count);

const fill = (count: number) => admin`
  insert into idempotency_keys (owner, path, key, body_sha256, request_id, expires_at)
  select 'local', '/sweep', number, 'aa', 'r', clock_timestamp() - interval '1 day' from generate_series(1, ${count}) as number`;

test('expired keys are deleted, at most so many at once, and by claims as well', async () => {
  const { idempotency } = one;
  await fill(30);
  expect(await idempotency.sweep(10)).toBe(10);
  expect(await sweepable()).toBe(20);
  await Promise.all(Array.from({ length: 100 }, (_, index) => idempotency.claim(request(`many-${index}`, 'r'))));
  while ((await sweepable()) > 0) await new Promise((done) => setTimeout(done, 20));
  expect(await idempotency.claim(request('many-1', 'r2'))).toEqual({ state: 'running', requestId: 'r' });
});

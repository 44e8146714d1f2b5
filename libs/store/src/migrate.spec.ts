import postgres from 'postgres';
import { migrate } from './migrate';
import { MIGRATIONS, SCHEMA_VERSION } from './migrations';
import { waitForSchema } from './schema';
import { openStore, type Store } from './store';
import { createTestDatabase, type TestDatabase } from './test-database';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await createTestDatabase({ migrated: false });
  store = openStore({ url: database.url });
});

afterEach(async () => {
  await store.close();
  await database.drop();
});

test('the versions run from 1 without a gap', () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  for (const { name } of MIGRATIONS) expect(name).toMatch(/^[a-z0-9-]+$/);
});

test('applies what is missing, then nothing', async () => {
  const lines: string[] = [];
  expect(await store.schemaVersion()).toBe(0);
  expect(await migrate(database.url, (line) => lines.push(line))).toEqual({ before: 0, after: SCHEMA_VERSION });
  expect(lines[0]).toBe('migration 0001-jobs-and-artifacts applied');
  expect(await migrate(database.url)).toEqual({ before: SCHEMA_VERSION, after: SCHEMA_VERSION });
  expect(await store.schemaVersion()).toBe(SCHEMA_VERSION);
});

test('several at once apply each migration once', async () => {
  const lines: string[] = [];
  const results = await Promise.all(Array.from({ length: 5 }, () => migrate(database.url, (line) => lines.push(line))));
  expect(results.every(({ after }) => after === SCHEMA_VERSION)).toBe(true);
  expect(lines.filter((line) => line.endsWith(' applied'))).toHaveLength(MIGRATIONS.length);
});

test('refuses an applied migration whose text changed', async () => {
  const [first] = [{ version: 1, name: 'first', sql: 'create table a (id text)' }];
  await migrate(database.url, undefined, [first]);
  const edited = migrate(database.url, undefined, [{ ...first, sql: 'create table a (id text, b text)' }]);
  await expect(edited).rejects.toMatchObject({ code: 'migration_changed', details: { name: '0001-first' } });
});

test('a failing migration leaves the last whole version', async () => {
  const first = { version: 1, name: 'first', sql: 'create table a (id text)' };
  const broken = { version: 2, name: 'broken', sql: 'create table b (id text); select nonsense' };
  await expect(migrate(database.url, undefined, [first, broken])).rejects.toMatchObject({ code: 'setup_failed' });
  expect(await store.schemaVersion()).toBe(1);
  const sql = postgres(database.url, { max: 1 });
  const [row] = await sql`select to_regclass('a') is not null as a, to_regclass('b') is not null as b`;
  await sql.end();
  expect(row).toEqual({ a: true, b: false });
});

test('a connection cut in the middle is an outage, leaves nothing, and does not end the process', async () => {
  const slow = { version: 1, name: 'slow', sql: 'create table a (id text); select pg_sleep(20)' };
  const cut = migrate(database.url, undefined, [slow]).catch((error: unknown) => error);
  const sql = postgres(database.url, { max: 1 });
  const asleep = () =>
    sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event = 'PgSleep'`;
  while ((await asleep()).length === 0);
  expect(await cut).toMatchObject({ code: 'store_unavailable' });
  const [row] = await sql`select to_regclass('a') is not null as a`;
  await sql.end();
  expect(row).toEqual({ a: false });
  expect(await store.schemaVersion()).toBe(0);
});

test('a process waits for the version it needs, until another one applied it', async () => {
  const waiting = waitForSchema(store, { timeoutMs: 20_000 });
  await migrate(database.url);
  expect(await waiting).toBe(SCHEMA_VERSION);
});

test('waiting ends with schema_outdated, or with the reason of its signal', async () => {
  const outdated = waitForSchema(store, { timeoutMs: 300 });
  await expect(outdated).rejects.toMatchObject({
    code: 'schema_outdated',
    details: { version: 0, needed: SCHEMA_VERSION },
  });
  const stop = new AbortController();
  const aborted = waitForSchema(store, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error('stopping')), 100);
  await expect(aborted).rejects.toThrow('stopping');
});

test('a wrong password is told as such, without the password', async () => {
  const url = new URL(database.url);
  url.password = 'wrong-word';
  const refused = migrate(url.href);
  await expect(refused).rejects.toMatchObject({ code: 'database_refused' });
  await expect(refused).rejects.not.toThrow('wrong-word');
});

test('a database that does not exist is not waited for', async () => {
  const lost = openStore({ url: `${database.url}_lost` });
  await expect(waitForSchema(lost)).rejects.toMatchObject({ code: 'database_refused', status: 500 });
  await lost.close();
});

import { openDatabase, type Database } from '@fleet/store/database';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import { go, steps, waiting } from '../conformance/workflows';
import { createLocalExecutor } from '../executors/local';
import { openPostgresStore } from './postgres';

let database: TestDatabase;
let operator: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  operator = openDatabase({ url: database.url, maxConnections: 1 });
});

afterAll(async () => {
  await operator.close();
  await database.drop();
});

test('connections cut over and over lose no step and repeat none', async () => {
  const store = openPostgresStore({ url: database.url });
  const runs = new Map<string, number>();
  const errors: unknown[] = [];
  const executor = createLocalExecutor({
    store,
    workflows: [steps, waiting],
    activities: {
      echo: async (value: unknown, { idempotencyKey }) => {
        runs.set(idempotencyKey, (runs.get(idempotencyKey) ?? 0) + 1);
        await new Promise((resolve) => setTimeout(resolve, 20));
        return value;
      },
    },
    hooks: [{ onError: (error) => void errors.push(error) }],
  });
  await executor.resume();
  const handles = await Promise.all(Array.from({ length: 40 }, (_, from) => executor.execute(steps, { from })));
  const all = { ended: false };
  const results = Promise.all(handles.map((handle) => handle.result())).finally(() => (all.ended = true));
  for (let cut = 0; cut < 10 && !all.ended; cut += 1) {
    await operator.run(
      (sql) => sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  expect(await results).toEqual(handles.map((_, from) => ({ sum: 3 * from + 3, half: (3 * from + 3) / 2 })));
  expect(runs.size).toBe(120);
  expect([...runs.values()].filter((count) => count > 1)).toEqual([]);
  expect(errors.length).toBeGreaterThan(0);
  // It still hears what another process sends.
  const other = createLocalExecutor({ store: openPostgresStore({ url: database.url }), workflows: [steps, waiting] });
  const handle = await executor.execute(waiting, {});
  await other.signal(handle.id, go, 1);
  expect(await handle.result()).toBe('1 of  number');
  await other.close();
  await (other.store as typeof store).close();
  await executor.close();
  await store.close();
}, 30_000);

test('a page by status is read from its index', async () => {
  await operator.run((sql) => sql`set enable_seqscan = off`);
  const lines = await operator.run(
    (sql) => sql<{ 'QUERY PLAN': string }[]>`
      explain select run_id from durable_runs where status = 'failed' and (created_at, run_id) < (now(), 'x')
      order by created_at desc, run_id desc limit 50`,
  );
  const text = lines.map((line) => line['QUERY PLAN']).join('\n');
  expect(text).toContain('durable_runs_by_status');
  expect(text).not.toContain('Sort');
});

test('a database that was not migrated, and one that lets nobody in, say what to do', async () => {
  await operator.run((sql) => sql`create schema if not exists "nothing here"`);
  const wrong = new URL(database.url);
  wrong.password = 'wrong';
  wrong.username = 'nobody';
  const bare = new URL(database.url);
  bare.searchParams.set('search_path', '"nothing here"');
  for (const [url, code] of [
    [wrong, 'database_refused'],
    [bare, 'schema_outdated'],
  ] as const) {
    const store = openPostgresStore({ url: url.href });
    const executor = createLocalExecutor({ store, workflows: [steps] });
    await expect(executor.resume()).rejects.toMatchObject({ code });
    await expect(executor.execute(steps, { from: 1 })).rejects.toMatchObject({ code });
    await executor.close();
    await store.close();
  }
});

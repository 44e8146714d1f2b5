import postgres from 'postgres';
import { openStore, type Store } from './store';
import { createTestDatabase, type TestDatabase } from './test-database';

let database: TestDatabase;
let store: Store;
let admin: postgres.Sql;

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
  admin = postgres(database.url, { max: 1 });
});

afterEach(async () => {
  await Promise.all([store.close(), admin.end()]);
  await database.drop();
});

interface Run {
  readonly id: string;
  readonly ordinal?: number;
  readonly parent?: string;
  /** Days since it ended; none while it runs. */
  readonly ended?: number;
}

/** A run that began 30 days ago, with an entry of its journal and a message. */
async function add({ id, ordinal = 1, parent, ended }: Run): Promise<void> {
  const runId = `${id}-${ordinal}`;
  const closedAt = ended === undefined ? null : new Date(Date.now() - ended * 86_400_000);
  await admin`
    insert into durable_runs (run_id, workflow_id, ordinal, workflow, owner, status, parent_run_id, timeout_at, created_at, closed_at)
    values (${runId}, ${id}, ${ordinal}, 'chat', 'local', ${ended === undefined ? 'running' : 'failed'}, ${parent ?? null}, 0,
      now() - interval '30 days', ${closedAt})`;
  await admin`
    insert into durable_entries (run_id, number, type, operation, name, at) values (${runId}, 1, 't', 1, 'n', 0)`;
  await admin`
    insert into durable_messages (workflow_id, kind, name, sender_id, sent_at) values (${id}, 'signal', 'n', 's', 0)`;
}

const weekAgo = () => new Date(Date.now() - 7 * 86_400_000);

async function left(): Promise<readonly string[]> {
  const runs = await admin<{ id: string }[]>`select run_id as id from durable_runs order by run_id`;
  const entries = await admin<{ id: string }[]>`select run_id as id from durable_entries order by run_id`;
  expect(entries.map(({ id }) => id)).toEqual(runs.map(({ id }) => id));
  return runs.map(({ id }) => id);
}

test('what ended long ago goes with its journal and messages; what runs, and what it needs, stays', async () => {
  await add({ id: 'old', ended: 8 });
  await add({ id: 'new', ended: 6 });
  await add({ id: 'open' });
  await add({ id: 'continued', ordinal: 1, ended: 20 });
  await add({ id: 'continued', ordinal: 2 });
  await add({ id: 'child-of-open', parent: 'open-1', ended: 20 });
  await add({ id: 'child-of-old', parent: 'old-1', ended: 9 });
  expect(await store.journals.prune(weekAgo(), 100)).toBe(2);
  expect(await left()).toEqual(['child-of-open-1', 'continued-1', 'continued-2', 'new-1', 'open-1']);
  const messages = await admin`select workflow_id from durable_messages where workflow_id in ('old', 'child-of-old')`;
  expect(messages).toHaveLength(0);
});

test('no more than asked for at once', async () => {
  for (const id of ['a', 'b', 'c']) await add({ id, ended: 8 });
  expect(await store.journals.prune(weekAgo(), 2)).toBe(2);
  expect(await store.journals.prune(weekAgo(), 2)).toBe(1);
  expect(await left()).toEqual([]);
});

test('the upkeep of an hour is claimed once, by whatever process', async () => {
  const other = openStore({ url: database.url });
  const claims = await Promise.all([store, other, store, other].map(({ upkeep }) => upkeep.claimHour()));
  expect(claims.filter(Boolean)).toHaveLength(1);
  await admin`update turns set turn = turn - 1`;
  expect([await other.upkeep.claimHour(), await store.upkeep.claimHour()]).toEqual([true, false]);
  await other.close();
});

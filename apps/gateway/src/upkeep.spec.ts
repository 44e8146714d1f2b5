import { openStore, type Store } from '@fleet/store';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import postgres from 'postgres';
import { until } from './testing/until';
import { startUpkeep, type RunningUpkeep } from './upkeep';

let database: TestDatabase;
let stores: readonly Store[];
let admin: postgres.Sql;
let lines: { readonly level: 'info' | 'warn'; readonly fields: object }[];

beforeEach(async () => {
  database = await createTestDatabase();
  stores = [openStore({ url: database.url, maxConnections: 2 }), openStore({ url: database.url, maxConnections: 2 })];
  admin = postgres(database.url, { max: 1 });
  lines = [];
});

afterEach(async () => {
  await Promise.all([...stores.map((store) => store.close()), admin.end()]);
  await database.drop();
});

const logger = {
  info: (fields: object) => void lines.push({ level: 'info', fields }),
  warn: (fields: object) => void lines.push({ level: 'warn', fields }),
};

const begin = (): readonly RunningUpkeep[] => stores.map((store) => startUpkeep({ store, logger, everyMs: 20 }));
const stop = (running: readonly RunningUpkeep[]) => Promise.all(running.map((each) => each.stop()));

async function addOldRun(): Promise<void> {
  await admin`
    insert into durable_runs (run_id, workflow_id, ordinal, workflow, owner, status, timeout_at, created_at, closed_at)
    values ('r', 'chat-r', 1, 'chat', 'local', 'completed', 0, now() - interval '8 days', now() - interval '8 days')`;
}

test('one of two gateways deletes what is old, once an hour', async () => {
  await addOldRun();
  const { id } = await (stores[0] as Store).artifacts.put(Buffer.from('x'), {
    owner: 'local',
    type: 'text/plain',
    key: 'k',
  });
  await admin`update artifacts set created_at = now() - interval '31 days' where id = ${id}`;
  const running = begin();
  await until(async () => lines.length === 1);
  expect(lines).toEqual([
    { level: 'info', fields: { pruned: expect.objectContaining({ journals: 1 }), cleanUp: { deleted: 1, bytes: 1 } } },
  ]);
  await addOldRun();
  await admin`update turns set turn = turn - 1`;
  await until(async () => lines.length === 2);
  await stop(running);
  expect(lines).toHaveLength(2);
  expect(await admin`select from durable_runs`).toHaveLength(0);
});

test('without Postgres it says so, and goes on when it is there', async () => {
  await admin`alter table durable_runs rename to away`;
  const running = begin();
  await until(async () => lines.length === 1);
  expect(lines[0]).toMatchObject({ level: 'warn', fields: { reason: expect.stringMatching(/durable_runs/) } });
  await admin`alter table away rename to durable_runs`;
  await admin`update turns set turn = turn - 1`;
  await until(async () => lines.length === 2);
  expect(lines[1]).toMatchObject({ level: 'info' });
  await stop(running);
});

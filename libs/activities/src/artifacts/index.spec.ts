import { openStore, type Store } from '@fleet/store';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import postgres from 'postgres';
import { testScope } from '../test-scope';
import { createArtifactActivities, type CleanUpProgress } from '.';

let database: TestDatabase;
let store: Store;
let sql: postgres.Sql;
let cleanUpArtifacts: ReturnType<typeof createArtifactActivities>['cleanUpArtifacts'];

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url, maxConnections: 2 });
  sql = postgres(database.url, { max: 1 });
  ({ cleanUpArtifacts } = createArtifactActivities({ store }));
});

afterEach(async () => {
  await Promise.all([store.close(), sql.end()]);
  await database.drop();
});

async function putAged(days: number, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const { id } = await store.artifacts.put(Buffer.from('12345'), { owner: `owner-${i}`, type: 'text/plain' });
    await sql`update artifacts set created_at = now() - make_interval(days => ${days}, secs => ${count - i}) where id = ${id}`;
  }
}

const countArtifacts = async () => (await sql<[{ count: number }]>`select count(*)::int from artifacts`)[0].count;

test('deletes what is older, batch by batch, and tells after each', async () => {
  await putAged(31, 5);
  await putAged(29, 2);
  const scope = testScope();
  expect(await cleanUpArtifacts({ batchSize: 2 }, scope)).toEqual({ deleted: 5, bytes: 25 });
  expect(await countArtifacts()).toBe(2);
  expect(scope.beats).toMatchObject([
    { deleted: 2, bytes: 10 },
    { deleted: 4, bytes: 20 },
    { deleted: 5, bytes: 25 },
  ]);
});

test('an aborted attempt stops between batches; the next goes on with its cutoff and its counts', async () => {
  await putAged(10, 5);
  const controller = new AbortController();
  const reason = new Error('worker shuts down');
  const beats: unknown[] = [];
  const heartbeat = (details: unknown) => {
    beats.push(details);
    controller.abort(reason);
  };
  const input = { olderThanDays: 7, batchSize: 2 };
  const first = cleanUpArtifacts(input, testScope({ signal: controller.signal, heartbeat }));
  await expect(first).rejects.toBe(reason);
  expect(await countArtifacts()).toBe(3);

  // Through JSON, as a heartbeat travels.
  const lastHeartbeat = JSON.parse(JSON.stringify(beats.at(-1))) as CleanUpProgress;
  const second = testScope({ attempt: 2, lastHeartbeat });
  expect(await cleanUpArtifacts(input, second)).toEqual({ deleted: 5, bytes: 25 });
  expect(second.beats).toMatchObject([{ cutoff: lastHeartbeat.cutoff }, { cutoff: lastHeartbeat.cutoff }]);
  expect(await countArtifacts()).toBe(0);
});

test('starts over when the last heartbeat is not one of this activity', async () => {
  await putAged(31, 1);
  expect(await cleanUpArtifacts({}, testScope({ lastHeartbeat: { step: 'x' } }))).toEqual({ deleted: 1, bytes: 5 });
});

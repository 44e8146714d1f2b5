import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openDatabase, type Database } from '@fleet/store/database';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import { createLocalExecutor, type LocalExecutor } from '../executors/local';
import { openPostgresStore } from '../stores/postgres';
import { go, journey, journeyActivities } from './journey';

const RESULT = '5 now 36 true true';

let database: TestDatabase;
let rows: Database;
let survivor: LocalExecutor;
let activities: ReturnType<typeof journeyActivities>;
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  rows = openDatabase({ url: database.url, maxConnections: 1 });
  await rows.run(
    (sql) => sql`create table marks (workflow_id text, step integer, key text primary key, runs integer default 1)`,
  );
  activities = journeyActivities(database.url);
  const store = openPostgresStore({ url: database.url });
  survivor = createLocalExecutor({ store, workflows: [journey], activities: activities.activities, lease: 600 });
  await survivor.resume();
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await survivor.close();
  await Promise.all(
    [survivor.store as unknown as { close(): Promise<void> }, activities, rows].map((open) => open.close()),
  );
  await database.drop();
});

/** A process that starts a journey and dies at its n-th write. @returns when it has died, or has nothing left to write. */
async function startDoomed(id: string, killAt: number, when: 'before' | 'after'): Promise<ChildProcess> {
  const script = join(__dirname, 'host.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, database.url, String(killAt), when, id], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return child;
}

const marksOf = (id: string) =>
  rows.run(
    (sql) =>
      sql<{ step: number; runs: number }[]>`select step, runs from marks where workflow_id = ${id} order by step`,
  );

// Writes of a journey: up to eight, fewer when an end and the next beginning go together.
const boundaries = Array.from({ length: 8 }, (_, index) => index + 1).flatMap((n) => [
  [n, 'before'] as const,
  [n, 'after'] as const,
]);

test.each(boundaries)(
  'killed at write %i (%s it): another process finishes the journey, each effect once',
  async (n, when) => {
    const id = `journey-${n}-${when}`;
    const child = await startDoomed(id, n, when);
    await survivor.signal(id, go, 'now');
    const handle = await survivor.getHandle(journey, id);
    expect(await handle.result()).toBe(RESULT);
    // A journey on its own makes at least five writes.
    if (n <= 5) expect(child.signalCode).toBe('SIGKILL');
    const marks = await marksOf(id);
    expect(marks.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    // Only the step whose end was not recorded has run again, under the same key.
    expect(marks.reduce((sum, { runs }) => sum + runs, 0)).toBeLessThanOrEqual(6);
    const history = await survivor.history(id);
    expect(history.filter(({ type }) => type === 'activity_completed')).toHaveLength(5);
    child.kill('SIGKILL');
  },
  30_000,
);

test('of two processes on one store each run has one owner, and every effect is there once', async () => {
  const second = createLocalExecutor({
    store: openPostgresStore({ url: database.url }),
    workflows: [journey],
    activities: activities.activities,
    lease: 600,
  });
  await second.resume();
  const ids = Array.from({ length: 20 }, (_, n) => `both-${n}`);
  await Promise.all(ids.map((id, n) => (n % 2 ? second : survivor).execute(journey, { from: 1 }, { id })));
  // Each signal by way of the process that does not own the run; results asked of it too.
  await Promise.all(ids.map((id, n) => (n % 2 ? survivor : second).signal(id, go, 'now')));
  const results = ids.map(async (id, n) => (await (n % 2 ? survivor : second).getHandle(journey, id)).result());
  expect(await Promise.all(results)).toEqual(ids.map(() => RESULT));
  for (const id of ids) expect((await marksOf(id)).map(({ runs }) => runs)).toEqual([1, 1, 1, 1, 1]);
  await second.close();
  await (second.store as unknown as { close(): Promise<void> }).close();
});

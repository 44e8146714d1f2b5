import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import type { Append, JournalStore, NewRun } from '../journal-store';
import { createMemoryStore } from './memory';
import { openPostgresStore } from './postgres';

let database: TestDatabase;
let stores: Record<'memory' | 'Postgres', JournalStore>;

beforeAll(async () => {
  database = await createTestDatabase();
  stores = { memory: createMemoryStore(), Postgres: openPostgresStore({ url: database.url }) };
});
afterAll(async () => {
  await Promise.all(Object.values(stores).map((store) => store.close()));
  await database.drop();
});

const run: NewRun = {
  id: 'w',
  runId: 'w-1',
  ordinal: 1,
  workflow: 'x',
  owner: 'local',
  timeoutAt: Date.now() + 60_000,
};
const write = (fence: number, value: string, closing?: Append['closing']): Append => ({
  runId: run.runId,
  fence,
  entries: [{ number: 1, type: 'now', operation: 1, name: '', at: 1, value }],
  consumed: [],
  outcomes: [],
  ...(closing && { closing }),
});

test.each(['memory', 'Postgres'] as const)(
  '%s: a host that lost a run writes nothing of it and cannot end it, under its own name or an old fence',
  async (name) => {
    const store = stores[name];
    // Long enough for the next two calls on a machine that stalls.
    await store.beat({ host: 'old', leaseMs: 1500 });
    expect(await store.create(run, 'old')).toBe(true);
    // Nobody takes what is somebody's.
    expect(await store.claim('new', ['x'], 10)).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 1600));
    await store.beat({ host: 'new', leaseMs: 60_000 });
    expect(await store.claim('new', ['x'], 10)).toMatchObject([{ runId: 'w-1', fence: 2, entries: [] }]);
    // It woke, gave a sign of life, and would go on.
    await store.beat({ host: 'old', leaseMs: 60_000 });
    expect(await store.append(write(1, '1', { status: 'completed' }), 'old')).toBe(false);
    expect(await store.append(write(2, '1'), 'old')).toBe(false);
    expect(await store.append(write(1, '1'), 'new')).toBe(false);
    expect(await store.entries('w-1')).toEqual([]);
    expect((await store.fences('old')).size).toBe(0);
    expect((await store.load('w')).status).toBe('running');
    // The owner's write, twice: the second time nobody had heard the answer.
    expect(await store.append(write(2, '2'), 'new')).toBe(true);
    expect(await store.append(write(2, '2'), 'new')).toBe(true);
    expect(await store.entries('w-1')).toMatchObject([{ number: 1, value: '2' }]);
  },
);

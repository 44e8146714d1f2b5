import postgres from 'postgres';
import { openDatabase } from '../database';
import { openStore, type Store } from '../store';
import { createTestDatabase, type TestDatabase } from '../test-database';
import { scheduleInsert, type NewSchedule, type ScheduleRow } from './row';

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
});

afterAll(async () => {
  await store.close();
  await database.drop();
});

const LEASE_MS = 60_000;
const AWAY = { reason: 'temporal_unavailable: away', isUnderWay: false };
const nightly = (id: string): NewSchedule => ({
  id,
  owner: 'local',
  kind: 'api',
  workflow: 'dailyMaintenance',
  input: { note: `it's "quoted"; --`, n: 1.5 },
  queue: 'scheduled',
  cron: '0 2 * * *',
});
const writer = (id: string, name: string) => ({ id, writer: name });

async function leased(id: string, name: string, leaseMs = LEASE_MS): Promise<ScheduleRow> {
  const found = await store.schedules.lease(writer(id, name), leaseMs);
  if (found.state !== 'leased') throw new Error(`it is ${found.state}`);
  return found.row;
}

test('is made once, and found as it was made', async () => {
  const row = await store.schedules.create(nightly('made'));
  expect(row).toEqual({
    ...nightly('made'),
    runAt: null,
    timezone: 'UTC',
    jitterSeconds: 0,
    catchupSeconds: 3600,
    paused: false,
    note: null,
    version: 1,
    appliedVersion: 0,
    appliedRunAt: null,
    failure: null,
    createdAt: expect.any(Date) as Date,
    updatedAt: expect.any(Date) as Date,
    deletedAt: null,
    fleet: expect.any(String) as string,
  });
  expect(await store.schedules.get('made')).toEqual(row);
  await expect(store.schedules.create(nightly('made'))).rejects.toMatchObject({ code: 'schedule_exists' });
  await expect(store.schedules.get('none')).rejects.toMatchObject({ code: 'schedule_not_found' });
});

test('of many who change one version, one does', async () => {
  await store.schedules.create(nightly('changed'));
  const changes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, minute) => store.schedules.update('changed', 1, { cron: `${minute} * * * *` })),
  );
  const won = changes.flatMap((change) => (change.status === 'fulfilled' ? [change.value] : []));
  expect(won).toHaveLength(1);
  expect(won[0]).toMatchObject({ version: 2, timezone: 'UTC', input: nightly('').input });
  const lost = changes.flatMap((change) => (change.status === 'rejected' ? [change.reason as object] : []));
  for (const reason of lost)
    expect(reason).toMatchObject({ code: 'schedule_changed', status: 412, details: { version: 2, expected: 1 } });
  const runAt = new Date('2030-01-01T00:00:00.000Z');
  expect(await store.schedules.update('changed', undefined, { cron: null, runAt, input: null })).toMatchObject({
    version: 3,
    cron: null,
    runAt,
    input: null,
  });
  await expect(store.schedules.update('none', 1, { cron: null })).rejects.toMatchObject({ code: 'schedule_not_found' });
});

test('is paused and resumed; what is so already keeps its version', async () => {
  await store.schedules.create(nightly('paused'));
  const pause = (note?: string) => store.schedules.setPaused('paused', true, note);
  expect(await pause('holiday')).toMatchObject({ version: 2, paused: true, note: 'holiday' });
  expect(await pause('holiday')).toMatchObject({ version: 2 });
  expect(await pause()).toMatchObject({ version: 2, note: 'holiday' });
  expect(await pause('flood')).toMatchObject({ version: 3, note: 'flood' });
  expect(await store.schedules.update('paused', 3, { cron: '1 * * * *' })).toMatchObject({
    paused: true,
    note: 'flood',
  });
  expect(await store.schedules.setPaused('paused', false)).toMatchObject({ version: 5, paused: false, note: null });
  expect(await store.schedules.setPaused('paused', false, 'again')).toMatchObject({ version: 5, note: null });
});

test('is written by one at a time, until nothing is left to write', async () => {
  await store.schedules.create(nightly('written'));
  const both = await Promise.all(['a', 'b'].map((name) => store.schedules.lease(writer('written', name), LEASE_MS)));
  expect(both.map(({ state }) => state).toSorted()).toEqual(['leased', 'taken']);
  const name = both[0]?.state === 'leased' ? 'a' : 'b';
  await store.schedules.update('written', 1, { cron: '5 * * * *' });
  expect(await store.schedules.applied(writer('written', name), { version: 1, runAt: null })).toBe('noted');
  const row = await leased('written', 'c');
  expect(row).toMatchObject({ version: 2, appliedVersion: 1, cron: '5 * * * *' });
  expect(await store.schedules.applied(writer('written', 'c'), row)).toBe('noted');
  expect(await store.schedules.lease(writer('written', 'd'), LEASE_MS)).toMatchObject({ state: 'current' });
  expect(await store.schedules.lease(writer('none', 'd'), LEASE_MS)).toEqual({ state: 'gone' });
});

test('a writer that lost its lease has it written again, whoever writes it by then', async () => {
  await store.schedules.create(nightly('lost'));
  const first = await leased('lost', 'slow', 0);
  const second = await leased('lost', 'next');
  expect(await store.schedules.applied(writer('lost', 'slow'), first)).toBe('lost');
  // What the slow one wrote may have come last.
  expect(await store.schedules.applied(writer('lost', 'next'), second)).toBe('lost');
  const third = await leased('lost', 'third');
  expect(third).toMatchObject({ version: 1, appliedVersion: 0 });
  expect(await store.schedules.applied(writer('lost', 'third'), third)).toBe('noted');
  expect(await store.schedules.applied(writer('lost', 'slow'), first)).toBe('lost');
  expect(await store.schedules.pending(100)).toContain('lost');
});

test('a failure is noted, and tried again when it is time', async () => {
  await store.schedules.create(nightly('failing'));
  await leased('failing', 'a');
  expect(await store.schedules.pending(100)).not.toContain('failing');
  await store.schedules.failed(writer('failing', 'a'), { ...AWAY, retryMs: 60_000 });
  expect(await store.schedules.get('failing')).toMatchObject({ failure: 'temporal_unavailable: away' });
  expect(await store.schedules.pending(100)).not.toContain('failing');
  // Whoever changes it does not wait.
  const row = await leased('failing', 'b');
  await store.schedules.failed(writer('failing', 'b'), { ...AWAY, retryMs: 0 });
  expect(await store.schedules.pending(100)).toContain('failing');
  await leased('failing', 'c');
  expect(await store.schedules.applied(writer('failing', 'c'), row)).toBe('noted');
  expect(await store.schedules.get('failing')).toMatchObject({ failure: null });
});

test('what may still be under way is followed by one more write', async () => {
  const sql = postgres(database.url, { max: 1, fetch_types: false });
  const aMinuteLater = () => sql`update schedules set rewrite_at = clock_timestamp() where rewrite_at is not null`;
  await store.schedules.create(nightly('late'));
  const row = await leased('late', 'a');
  await store.schedules.failed(writer('late', 'a'), { ...AWAY, retryMs: 0, isUnderWay: true });
  await leased('late', 'b');
  expect(await store.schedules.applied(writer('late', 'b'), row)).toBe('noted');
  expect(await store.schedules.lease(writer('late', 'c'), 0)).toMatchObject({ state: 'current' });
  expect(await store.schedules.pending(100)).not.toContain('late');
  await aMinuteLater();
  expect(await store.schedules.pending(100)).toContain('late');
  // That one dies, and whoever takes it over is not the last one either.
  await leased('late', 'c', 0);
  await leased('late', 'd');
  expect(await store.schedules.applied(writer('late', 'd'), row)).toBe('noted');
  await aMinuteLater();
  await leased('late', 'e');
  expect(await store.schedules.applied(writer('late', 'e'), row)).toBe('noted');
  await aMinuteLater();
  expect(await store.schedules.pending(100)).not.toContain('late');
  await sql.end();
});

test('is deleted when Temporal has it no more; an id taken into use before that is kept', async () => {
  await store.schedules.create(nightly('deleted'));
  expect(await store.schedules.markDeleted('deleted')).toBe(true);
  expect(await store.schedules.markDeleted('deleted')).toBe(false);
  await expect(store.schedules.get('deleted')).rejects.toMatchObject({ code: 'schedule_not_found' });
  await expect(store.schedules.setPaused('deleted', true)).rejects.toMatchObject({ code: 'schedule_not_found' });
  expect(await store.schedules.pending(100)).toContain('deleted');
  await leased('deleted', 'a');
  const again = await store.schedules.create({ ...nightly('deleted'), owner: 'ada', cron: null });
  expect(again).toMatchObject({ version: 3, owner: 'ada', cron: null, deletedAt: null });
  expect(await store.schedules.removed(writer('deleted', 'a'))).toBe('lost');
  expect(await store.schedules.get('deleted')).toMatchObject({ version: 3, appliedVersion: 0 });
  await store.schedules.markDeleted('deleted');
  await leased('deleted', 'b');
  expect(await store.schedules.removed(writer('deleted', 'a'))).toBe('lost');
  await leased('deleted', 'c');
  expect(await store.schedules.removed(writer('deleted', 'c'))).toBe('noted');
  expect(await store.schedules.removed(writer('deleted', 'c'))).toBe('gone');
  expect(await store.schedules.applied(writer('deleted', 'c'), { version: 4, runAt: null })).toBe('gone');
});

test('is listed newest first, page by page, without what is deleted', async () => {
  await Promise.all(['x1', 'x2', 'x3'].map((id) => store.schedules.create({ ...nightly(id), workflow: 'listed' })));
  await store.schedules.markDeleted('x2');
  const all = await store.schedules.list({ workflow: 'listed', kind: 'api' }, 10);
  expect(all.map(({ id }) => id).toSorted()).toEqual(['x1', 'x3']);
  const [first] = await store.schedules.list({ workflow: 'listed' }, 1);
  const rest = await store.schedules.list({ workflow: 'listed', after: first }, 10);
  expect([first, ...rest]).toEqual(all);
  expect(await store.schedules.list({ workflow: 'listed', kind: 'code' }, 10)).toEqual([]);
});

test('is inserted by a statement that writes more', async () => {
  const own = openDatabase({ url: database.url, maxConnections: 1 });
  const insert = () =>
    own.run(
      (sql) => sql<{ id: string }[]>`
        with schedule as (${scheduleInsert(sql, { ...nightly('part'), kind: 'monitor' })} returning id)
        select id from schedule`,
    );
  expect(await insert()).toEqual([{ id: 'part' }]);
  expect(await insert()).toEqual([]);
  expect(await store.schedules.get('part')).toMatchObject({ kind: 'monitor', version: 1 });
  await own.close();
});

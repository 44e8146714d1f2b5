import { randomUUID } from 'node:crypto';
import { openStore, type NewMonitor, type Store } from '@fleet/store';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import { openFleetClient, type FleetClient } from '@fleet/temporal-client';
import { createTestNamespace } from '@fleet/temporal-client/test-namespace';
import postgres from 'postgres';
import { createReconcileActivities } from '.';
import { applySchedule } from '../schedules';
import { testScope } from '../test-scope';

let database: TestDatabase;
let store: Store;
let client: FleetClient;
let sql: postgres.Sql;

beforeAll(async () => {
  const [namespace, created] = await Promise.all([createTestNamespace(), createTestDatabase()]);
  database = created;
  store = openStore({ url: database.url });
  sql = postgres(database.url, { max: 1 });
  client = openFleetClient({ env: namespace.env, deadlineMs: 20_000 });
});

afterAll(async () => {
  await Promise.all([client.close(), store.close(), sql.end()]);
  await database.drop();
});

const MONITOR: NewMonitor = {
  owner: 'local',
  name: 'Prices',
  query: 'the price on the page',
  condition: 'the price has changed',
  search: { provider: 'http', urls: ['https://example.com/'] },
  compare: 'exact',
  notify: 'track_state',
  email: null,
  webhookUrl: null,
  cron: '0 6 * * *',
  timezone: 'UTC',
  jitterSeconds: 0,
  catchupSeconds: 3600,
  runImmediately: false,
};

async function monitor(change: Partial<NewMonitor> = {}): Promise<{ id: string; schedule: string }> {
  const { monitor: row } = await store.monitors.create({ ...MONITOR, ...change });
  const schedule = `monitor/${row.id}`;
  await applySchedule({ store, client }, schedule);
  return { id: row.id, schedule };
}

const reconcile = (dryRun = false) =>
  createReconcileActivities({ store, client }).reconcileSchedules({ dryRun }, testScope());
const onTemporal = (id: string) =>
  client.describeSchedule(id).then(
    () => true,
    () => false,
  );
/** Temporal's list lags behind, 8 to 65 ms. */
async function untilListed(id: string, listed: boolean): Promise<void> {
  for (;;) {
    const { items } = await client.admin.schedules({ limit: 200 });
    if (items.some((item) => item.id === id) === listed) return;
    await new Promise((done) => setTimeout(done, 20));
  }
}

const asked = (monitorId: string) => ({ monitorId, key: randomUUID(), suppressNotifications: false });
const NOTHING = { count: 0, ids: [] };
const one = (id: string) => ({ count: 1, ids: [id] });

test('where nothing is wrong nothing is done', async () => {
  const { schedule } = await monitor();
  await untilListed(schedule, true);
  expect(await reconcile()).toEqual({
    applied: 0,
    orphans: NOTHING,
    missing: NOTHING,
    withoutMonitor: NOTHING,
    withoutSchedule: NOTHING,
    stalled: NOTHING,
  });
});

test('a schedule without a row is deleted, one of another fleet is not', async () => {
  const { schedule } = await monitor();
  const fleet = await store.reconciliation.fleet();
  const row = await store.schedules.get(schedule);
  await client.putSchedule({ ...row, id: 'monitor/lost', fleet });
  await client.putSchedule({ ...row, id: 'monitor/theirs', fleet: 'flt_another' });
  await untilListed('monitor/lost', true);
  await untilListed('monitor/theirs', true);
  expect(await reconcile(true)).toMatchObject({ orphans: one('monitor/lost') });
  expect(await onTemporal('monitor/lost')).toBe(true);
  expect(await reconcile()).toMatchObject({ orphans: one('monitor/lost') });
  expect([await onTemporal('monitor/lost'), await onTemporal('monitor/theirs')]).toEqual([false, true]);
  await untilListed('monitor/lost', false);
  expect(await reconcile()).toMatchObject({ orphans: NOTHING });
});

test('a schedule whose id was taken into use while the list was read stays', async () => {
  const { schedule } = await monitor();
  await untilListed(schedule, true);
  let looks = 0;
  const knownSchedules = (ids: readonly string[]) =>
    // The row is made right after the list was compared with the rows.
    (looks += 1) === 1 ? Promise.resolve(new Set<string>()) : store.reconciliation.knownSchedules(ids);
  const late = { ...store, reconciliation: { ...store.reconciliation, knownSchedules } };
  await createReconcileActivities({ store: late, client }).reconcileSchedules({}, testScope());
  expect([looks > 1, await onTemporal(schedule)]).toEqual([true, true]);
});

test('a schedule that Temporal has lost is written again', async () => {
  const { schedule } = await monitor();
  await client.removeSchedule(schedule);
  await untilListed(schedule, false);
  expect(await reconcile(true)).toMatchObject({ missing: one(schedule) });
  expect(await onTemporal(schedule)).toBe(false);
  expect(await reconcile()).toMatchObject({ missing: one(schedule) });
  expect(await onTemporal(schedule)).toBe(true);
});

test('a monitor without a schedule gets one, a schedule without its monitor goes', async () => {
  const kept = await monitor();
  const gone = await monitor();
  await sql`delete from schedules where id = ${kept.schedule}`;
  await sql`delete from monitors where id = ${gone.id}`;
  expect(await reconcile(true)).toMatchObject({ withoutSchedule: one(kept.id), withoutMonitor: one(gone.schedule) });
  expect(await reconcile()).toMatchObject({ withoutSchedule: one(kept.id), withoutMonitor: one(gone.schedule) });
  expect([await onTemporal(kept.schedule), await onTemporal(gone.schedule)]).toEqual([true, false]);
  await untilListed(gone.schedule, false);
  expect(await reconcile()).toMatchObject({ withoutSchedule: NOTHING, withoutMonitor: NOTHING, orphans: NOTHING });
});

test('a monitor whose next run nobody named runs at once, unless it is running', async () => {
  const stalled = await monitor({ cron: null });
  const running = await monitor({ cron: null });
  await sql`update schedules set run_at = now() - interval '1 hour' where id in ${sql([stalled.schedule, running.schedule])}`;
  await store.monitorExecutions.insertPending(asked(running.id));
  expect(await reconcile(true)).toMatchObject({ stalled: one(stalled.schedule) });
  expect(await reconcile()).toMatchObject({ stalled: one(stalled.schedule) });
  const { runAt } = await store.schedules.get(stalled.schedule);
  expect(Math.abs(Date.now() - (runAt?.getTime() ?? 0))).toBeLessThan(60_000);
});

test('a run that is open for too long is closed as failed, another is not', async () => {
  const old = await monitor();
  const young = await monitor();
  const opened = await store.monitorExecutions.insertPending(asked(old.id));
  await store.monitorExecutions.insertPending(asked(young.id));
  await sql`update monitor_executions set created_at = now() - interval '31 minutes' where id = ${opened.id}`;
  const { reapExecutions } = createReconcileActivities({ store, client });
  expect(await reapExecutions({ dryRun: true }, testScope())).toEqual(one(opened.id));
  expect(await store.monitorExecutions.get(opened.id)).toMatchObject({ status: 'pending' });
  expect(await reapExecutions({}, testScope())).toEqual(one(opened.id));
  expect(await store.monitorExecutions.get(opened.id)).toMatchObject({ status: 'failed' });
  expect(await reapExecutions({}, testScope())).toEqual(NOTHING);
});

test('what an outage has left is mended at once, however much it is', async () => {
  const left = 450;
  await sql`
    insert into monitors (id, owner, name, query, condition, search, compare, notify, state)
    select 'mon_left_' || i, 'local', 'a', 'a', 'a', '{}', 'exact', 'always', 'completed' from generate_series(1, ${left}::integer) i`;
  await sql`
    insert into monitor_executions (id, monitor_id, key, trigger, status, created_at)
    select 'exe_left_' || i, 'mon_left_' || i, 'left-' || i, 'schedule', 'running', now() - interval '1 hour'
    from generate_series(1, ${left}::integer) i`;
  const { reapExecutions } = createReconcileActivities({ store, client });
  expect((await reapExecutions({ dryRun: true }, testScope())).count).toBeLessThan(left);
  const { count, ids } = await reapExecutions({}, testScope());
  expect([count, ids.length]).toEqual([left, 100]);
});

import { openStore, type NewSchedule, type Store } from '@fleet/store';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import { openFleetClient, type FleetClient } from '@fleet/temporal-client';
import { createTestNamespace } from '@fleet/temporal-client/test-namespace';
import { applyPending, applySchedule, type ScheduleWriting } from './apply';

let database: TestDatabase;
let store: Store;
let client: FleetClient;
let writing: ScheduleWriting;

beforeAll(async () => {
  const [namespace, created] = await Promise.all([createTestNamespace(), createTestDatabase()]);
  database = created;
  store = openStore({ url: database.url });
  client = openFleetClient({ env: namespace.env, deadlineMs: 20_000 });
  writing = { store, client };
});

afterAll(async () => {
  await Promise.all([client.close(), store.close()]);
  await database.drop();
});

const nightly = (id: string): NewSchedule => ({
  id,
  owner: 'local',
  kind: 'api',
  workflow: 'dailyMaintenance',
  input: {},
  queue: 'scheduled',
  cron: '0 2 * * *',
});

const ago = (ms: number) => new Date(Date.now() - ms);

/** A promise and what fulfils it. */
function gate() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

type Step = 'before' | 'after';
const never = new Promise<never>(() => undefined);

/** A writer that dies before or after its call to Temporal: it does nothing any more, and its lease stays. */
function dying(step: Step): ScheduleWriting['client'] {
  const die = async (call: () => Promise<void>): Promise<void> => {
    if (step === 'after') await call();
    died?.();
    return never;
  };
  return {
    putSchedule: (schedule) => die(() => client.putSchedule(schedule)),
    removeSchedule: (id, fleet) => die(() => client.removeSchedule(id, fleet)),
  };
}
let died: (() => void) | undefined;

async function dieApplying(id: string, step: Step, leaseMs = 0): Promise<void> {
  const dead = new Promise<void>((resolve) => (died = resolve));
  void applySchedule({ store, client: dying(step) }, id, { leaseMs });
  await dead;
}

const onTemporal = (id: string) => client.describeSchedule(id).catch(({ code }: { code: string }) => code);

test('a change is on Temporal when it is answered', async () => {
  await store.schedules.create(nightly('plain'));
  expect(await applySchedule(writing, 'plain')).toEqual({ applied: true });
  await store.schedules.update('plain', 1, { cron: '0 5 * * *' });
  expect(await applySchedule(writing, 'plain')).toEqual({ applied: true });
  expect(await onTemporal('plain')).toMatchObject({ version: 2, cron: '0 5 * * *' });
  await store.schedules.setPaused('plain', true, 'flood');
  await applySchedule(writing, 'plain');
  expect(await onTemporal('plain')).toMatchObject({ version: 3, paused: true, note: 'flood' });
  expect(await applySchedule(writing, 'plain')).toEqual({ applied: true });
  expect(await applySchedule(writing, 'none')).toEqual({ applied: true });
});

describe.each<Step>(['before', 'after'])('a writer that dies %s its call', (step) => {
  const id = `dies-${step}`;

  test('leaves a creation, a change and a deletion that the next round finishes', async () => {
    await store.schedules.create(nightly(id));
    await dieApplying(id, step);
    expect(await applyPending(writing)).toEqual({ applied: 1, failed: [] });
    expect(await onTemporal(id)).toMatchObject({ version: 1 });

    await store.schedules.update(id, 1, { cron: '0 7 * * *' });
    await dieApplying(id, step);
    expect(await applyPending(writing)).toEqual({ applied: 1, failed: [] });
    expect(await onTemporal(id)).toMatchObject({ version: 2, cron: '0 7 * * *' });

    await store.schedules.markDeleted(id);
    await dieApplying(id, step);
    expect(await applyPending(writing)).toEqual({ applied: 1, failed: [] });
    expect(await onTemporal(id)).toBe('schedule_not_found');
    expect(await store.schedules.lease({ id, writer: 'x' }, 0)).toEqual({ state: 'gone' });
    expect(await applyPending(writing)).toEqual({ applied: 0, failed: [] });
  });

  test('before its row was leased changes nothing', async () => {
    await store.schedules.create(nightly(`${id}-early`));
    expect(await applyPending(writing)).toEqual({ applied: 1, failed: [] });
    expect(await onTemporal(`${id}-early`)).toMatchObject({ version: 1 });
  });

  test('is waited for as long as its lease', async () => {
    await store.schedules.create(nightly(`${id}-held`));
    await dieApplying(`${id}-held`, step, 1500);
    expect(await applySchedule(writing, `${id}-held`, { waitMs: 50 })).toEqual({ applied: false });
    expect(await applyPending(writing)).toEqual({ applied: 0, failed: [] });
    expect(await applySchedule(writing, `${id}-held`, { waitMs: 20_000 })).toEqual({ applied: true });
  });
});

test('a writer that comes back after its lease has the newest row written again', async () => {
  await store.schedules.create(nightly('late'));
  const awake = gate();
  const slow = {
    ...client,
    // Sent in time, and taken by the server long after.
    putSchedule: async (schedule: Parameters<typeof client.putSchedule>[0]) => {
      if (schedule.version === 1) await awake.opened;
      await client.putSchedule(schedule);
    },
  };
  const late = applySchedule({ store, client: slow }, 'late', { leaseMs: 0 });
  while ((await store.schedules.lease({ id: 'late', writer: 'look' }, 0)).state !== 'leased') await Promise.resolve();
  await store.schedules.update('late', 1, { cron: '0 9 * * *' });
  expect(await applySchedule(writing, 'late')).toEqual({ applied: true });
  awake.open();
  expect(await late).toEqual({ applied: true });
  await applyPending(writing);
  expect(await onTemporal('late')).toMatchObject({ version: 2, cron: '0 9 * * *' });
  expect(await store.schedules.get('late')).toMatchObject({ appliedVersion: 2 });
});

test('a writer that comes back after the schedule was deleted leaves no orphan', async () => {
  await store.schedules.create(nightly('orphan'));
  const awake = gate();
  const leased = gate();
  const slow = {
    ...client,
    putSchedule: async (schedule: Parameters<typeof client.putSchedule>[0]) => {
      leased.open();
      await awake.opened;
      await client.putSchedule(schedule);
    },
  };
  const late = applySchedule({ store, client: slow }, 'orphan', { leaseMs: 0 });
  await leased.opened;
  await store.schedules.markDeleted('orphan');
  expect(await applySchedule(writing, 'orphan')).toEqual({ applied: true });
  awake.open();
  expect(await late).toEqual({ applied: true });
  expect(await onTemporal('orphan')).toBe('schedule_not_found');
});

test('a change made while Temporal is away is written down, and written later', async () => {
  const away = openFleetClient({ env: { TEMPORAL_ADDRESS: '127.0.0.1:1' }, deadlineMs: 1000 });
  await store.schedules.create(nightly('away'));
  const outcome = await applySchedule({ store, client: away }, 'away');
  expect(outcome).toMatchObject({ applied: false, reason: { code: 'temporal_unavailable' } });
  expect(await store.schedules.get('away')).toMatchObject({
    failure: expect.stringMatching(/^temporal_unavailable: /) as string,
  });
  await away.close();
  expect(await applySchedule(writing, 'away')).toEqual({ applied: true });
  expect(await store.schedules.get('away')).toMatchObject({ failure: null, appliedVersion: 1 });
});

test('what Temporal refuses holds nobody else up', async () => {
  await store.schedules.create({ ...nightly('refused'), cron: '0 2 * * 9' });
  await store.schedules.create(nightly('fine'));
  const { applied, failed } = await applyPending(writing);
  expect(applied).toBe(1);
  expect(failed).toMatchObject([{ id: 'refused', reason: { code: 'schedule_refused' } }]);
  expect(await applyPending(writing)).toEqual({ applied: 0, failed: [] });
  await store.schedules.update('refused', 1, { cron: '0 2 * * 6' });
  expect(await applySchedule(writing, 'refused')).toEqual({ applied: true });
});

test('a single run that a writer got to Temporal in time, and died, is not started again', async () => {
  await store.schedules.create({ ...nightly('single'), cron: null, runAt: ago(-1500) });
  await dieApplying('single', 'after');
  while ((await client.describeSchedule('single')).recentRuns.length === 0)
    await new Promise((done) => setTimeout(done, 100));
  expect(await applyPending(writing)).toEqual({ applied: 1, failed: [] });
  const { recentRuns, nextRuns } = await client.describeSchedule('single');
  expect([recentRuns.length, nextRuns]).toEqual([1, []]);
  expect(await store.schedules.get('single')).toMatchObject({ appliedVersion: 1 });
});

test('a schedule of another fleet is refused, and still there once the row that wanted its id is deleted', async () => {
  await store.schedules.create(nightly('theirs'));
  await client.putSchedule({ ...(await store.schedules.get('theirs')), fleet: 'flt_other', cron: '0 3 * * *' });
  expect(await applySchedule(writing, 'theirs')).toMatchObject({ reason: { code: 'schedule_refused' } });
  await store.schedules.markDeleted('theirs');
  expect(await applySchedule(writing, 'theirs')).toEqual({ applied: true });
  expect(await onTemporal('theirs')).toMatchObject({ cron: '0 3 * * *' });
  await expect(store.schedules.get('theirs')).rejects.toMatchObject({ code: 'schedule_not_found' });
});

test('a single run that was due before Temporal heard of it is due at once, one long gone is not', async () => {
  await store.schedules.create({ ...nightly('owed'), cron: null, runAt: ago(60_000), paused: true });
  await store.schedules.create({ ...nightly('past'), cron: null, runAt: ago(7_200_000), paused: true });
  await applySchedule(writing, 'owed');
  await applySchedule(writing, 'past');
  // Paused, so that it is seen and not taken: the next times of both, as the server has them.
  expect((await store.schedules.get('owed')).appliedRunAt).toEqual((await store.schedules.get('owed')).runAt);
  expect((await client.describeSchedule('past')).nextRuns).toEqual([]);
  await store.schedules.update('owed', undefined, { runAt: ago(30_000) });
  await store.schedules.setPaused('owed', false);
  await applySchedule(writing, 'owed');
  for (;;) {
    const { recentRuns } = await client.describeSchedule('owed');
    if (recentRuns.length > 0) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  await store.schedules.setPaused('owed', true);
  await applySchedule(writing, 'owed');
  await store.schedules.setPaused('owed', false);
  await applySchedule(writing, 'owed');
  expect((await client.describeSchedule('owed')).nextRuns).toEqual([]);
});

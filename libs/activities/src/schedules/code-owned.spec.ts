import { openStore, type Store } from '@fleet/store';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import { openFleetClient, type FleetClient, type ScheduleSpec } from '@fleet/temporal-client';
import { openServer, type Server } from '@fleet/temporal-client/server';
import { createTestNamespace } from '@fleet/temporal-client/test-namespace';
import { ensureSchedule } from './code-owned';

let database: TestDatabase;
let store: Store;
let client: FleetClient;
let server: Server;

const NIGHTLY: ScheduleSpec = {
  id: 'nightly',
  cron: '0 2 * * *',
  workflow: 'dailyMaintenance',
  input: { olderThanDays: 3 },
  queue: 'scheduled',
};

beforeAll(async () => {
  const [namespace, created] = await Promise.all([createTestNamespace(), createTestDatabase()]);
  database = created;
  store = openStore({ url: database.url });
  client = openFleetClient({ env: namespace.env, deadlineMs: 20_000 });
  server = openServer({ env: namespace.env });
});

afterAll(async () => {
  await Promise.all([client.close(), server.close(), store.close()]);
  await database.drop();
});

const ensure = (spec: ScheduleSpec) => ensureSchedule({ store, client }, spec);

it('is made once, by whoever comes first, and stays as it is', async () => {
  const outcomes = await Promise.all([1, 2, 3].map(() => ensure(NIGHTLY)));
  expect(outcomes.toSorted()).toEqual(['created', 'unchanged', 'unchanged']);
  expect(await store.schedules.get('nightly')).toMatchObject({ kind: 'code', version: 1, appliedVersion: 1 });
  expect(await client.describeSchedule('nightly')).toMatchObject({ cron: '0 2 * * *', paused: false });
});

it('follows its text, and keeps a pause wherever it was made', async () => {
  await server.client.schedule.getHandle('nightly').pause('until Monday');
  expect(await ensure(NIGHTLY)).toBe('unchanged');
  expect(await ensure({ ...NIGHTLY, cron: '0 4 * * *' })).toBe('updated');
  const changed = { cron: '0 4 * * *', paused: true, note: 'until Monday' };
  expect(await client.describeSchedule('nightly')).toMatchObject(changed);
  expect(await store.schedules.get('nightly')).toMatchObject(changed);
  await store.schedules.setPaused('nightly', false);
  expect(await ensure({ ...NIGHTLY, cron: '0 4 * * *', input: {} })).toBe('updated');
});

it('is written again when Temporal has lost it', async () => {
  await client.removeSchedule('nightly');
  expect(await ensure({ ...NIGHTLY, cron: '0 4 * * *', input: {} })).toBe('unchanged');
  expect(await client.describeSchedule('nightly')).toMatchObject({ cron: '0 4 * * *' });
});

it('leaves the schedule of somebody else alone', async () => {
  const theirs = { ...NIGHTLY, id: 'theirs', owner: 'ada', kind: 'api' } as const;
  await store.schedules.create(theirs);
  expect(await ensure({ ...NIGHTLY, id: 'theirs', cron: '0 4 * * *' })).toBe('taken');
  expect(await store.schedules.get('theirs')).toMatchObject({ version: 1, cron: '0 2 * * *' });
});

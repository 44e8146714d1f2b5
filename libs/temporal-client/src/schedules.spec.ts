import { Client, Connection } from '@temporalio/client';
import type { FleetClient, ScheduleSpec } from './fleet-client';
import { openFleetClient } from './open';
import { createTestNamespace, type TestNamespace } from './test-namespace';
import { startWorker } from './test-support/worker';

let place: TestNamespace;
let client: FleetClient;
let raw: Client;

const NIGHTLY: ScheduleSpec = {
  id: 'nightly',
  cron: '0 2 * * *',
  workflow: 'dailyMaintenance',
  input: { olderThanDays: 3 },
};

beforeAll(async () => {
  place = await createTestNamespace();
  // The server begins to work on the schedules of a new namespace when it comes to it, which on a busy machine takes seconds.
  client = openFleetClient({ env: place.env, deadlineMs: 20_000 });
  raw = new Client({ connection: Connection.lazy({ address: place.address }), namespace: place.namespace });
});

afterAll(async () => {
  await client.close();
  await raw.connection.close();
});

it('is created once, by whoever comes first', async () => {
  const outcomes = await Promise.all([1, 2, 3].map(() => client.ensureSchedule(NIGHTLY)));
  expect(outcomes.toSorted()).toEqual(['created', 'unchanged', 'unchanged']);
  expect(await client.ensureSchedule(NIGHTLY)).toBe('unchanged');
  const nightly = await client.describeSchedule('nightly');
  expect(nightly).toMatchObject({ workflow: 'dailyMaintenance', queue: 'scheduled', cron: '0 2 * * *', paused: false });
  expect(nightly.nextRuns[0]?.getUTCHours()).toBe(2);
  const { policies } = await raw.schedule.getHandle('nightly').describe();
  expect(policies).toEqual({ overlap: 'SKIP', catchupWindow: 3_600_000, pauseOnFailure: false });
});

it('is updated when its spec changes, and stays paused', async () => {
  await raw.schedule.getHandle('nightly').pause('until Monday');
  expect(await client.ensureSchedule(NIGHTLY)).toBe('unchanged');
  expect(await client.ensureSchedule({ ...NIGHTLY, cron: '0 4 * * *' })).toBe('updated');
  const changed = await client.describeSchedule('nightly');
  expect(changed).toMatchObject({ cron: '0 4 * * *', paused: true, note: 'until Monday' });
  expect(changed.nextRuns[0]?.getUTCHours()).toBe(4);
  expect(await client.ensureSchedule({ ...NIGHTLY, cron: '0 4 * * *' })).toBe('unchanged');
  expect(await client.ensureSchedule({ ...NIGHTLY, cron: '0 4 * * *', input: {} })).toBe('updated');
  await raw.schedule.getHandle('nightly').unpause();
});

it('is triggered: answers with the job, or with the one that runs', async () => {
  const job = await client.triggerSchedule('nightly');
  expect(job.id).toMatch(/^nightly-/);
  expect(await client.triggerSchedule('nightly')).toEqual(job);
  const worker = await startWorker(place, 'scheduled');
  expect(await client.result(job.id, { waitMs: 10_000 })).toMatchObject({ status: 'completed' });
  const next = await client.triggerSchedule('nightly');
  expect(next.id).not.toBe(job.id);
  expect(await client.result(next.id, { waitMs: 10_000 })).toMatchObject({ status: 'completed' });
  await worker.stop();
  const { recentRuns } = await client.describeSchedule('nightly');
  expect(recentRuns.map(({ id }) => id)).toEqual([job.id, next.id]);
});

it('is refused for what cannot be scheduled, and unknown when it is', async () => {
  await expect(client.ensureSchedule({ ...NIGHTLY, id: 'x', workflow: 'probe', input: {} })).rejects.toMatchObject({
    code: 'not_supported',
  });
  await expect(client.triggerSchedule('none')).rejects.toMatchObject({ code: 'job_not_found' });
  await expect(client.describeSchedule('none')).rejects.toMatchObject({ code: 'job_not_found' });
});

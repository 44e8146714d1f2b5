import { Client, Connection } from '@temporalio/client';
import type { FleetClient, WholeSchedule } from '../fleet-client';
import { openFleetClient } from '../open';
import { createTestNamespace, type TestNamespace } from '../test-namespace';
import { NIGHTLY } from '../test-support/nightly';
import { startWorker } from '../test-support/worker';

let place: TestNamespace;
let client: FleetClient;
let raw: Client;

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

it('is made, replaced whole and seen at once', async () => {
  await client.putSchedule(NIGHTLY);
  const nightly = await client.describeSchedule('nightly');
  expect(nightly).toMatchObject({ workflow: 'dailyMaintenance', queue: 'scheduled', version: 1, paused: false });
  expect(nightly.nextRuns[0]?.getUTCHours()).toBe(2);
  const { policies } = await raw.schedule.getHandle('nightly').describe();
  expect(policies).toEqual({ overlap: 'SKIP', catchupWindow: 3_600_000, pauseOnFailure: false });

  const changed = { cron: '30 4 * * MON-FRI', timezone: 'Asia/Kolkata', jitterSeconds: 60, catchupSeconds: 600 };
  await client.putSchedule({
    ...NIGHTLY,
    ...changed,
    paused: true,
    note: 'until Monday',
    version: 2,
    appliedVersion: 1,
  });
  const seen = await client.describeSchedule('nightly');
  expect(seen).toMatchObject({ cron: '30 4 * * MON-FRI', version: 2, paused: true, note: 'until Monday' });
  // 04:30 of India, and up to a minute later.
  expect(seen.nextRuns.every((at) => at.getUTCHours() === 23)).toBe(true);
  const { spec } = await raw.schedule.getHandle('nightly').describe();
  expect([spec.timezone, spec.jitter]).toEqual(['Asia/Kolkata', 60_000]);
  // Written again as the first time, by a writer whose note was lost.
  await client.putSchedule(NIGHTLY);
  expect(await client.describeSchedule('nightly')).toMatchObject({ version: 1, cron: '0 2 * * *', paused: false });
});

it('fires once at its next run, then by its cron', async () => {
  const runAt = new Date(Date.now() + 2500);
  const at = new Date(Math.ceil(runAt.getTime() / 1000) * 1000);
  await client.putSchedule({ ...NIGHTLY, id: 'once', cron: null, runAt });
  await client.putSchedule({ ...NIGHTLY, id: 'soon', cron: '0 2 * * *', runAt });
  expect((await client.describeSchedule('once')).nextRuns).toEqual([at]);
  const { nextRuns } = await client.describeSchedule('soon');
  expect([nextRuns[0], nextRuns[1]?.getUTCHours()]).toEqual([at, 2]);
  const worker = await startWorker(place, 'scheduled');
  for (const id of ['once', 'soon']) {
    for (;;) {
      const { recentRuns } = await client.describeSchedule(id);
      if (recentRuns.length > 0) break;
      await new Promise((done) => setTimeout(done, 200));
    }
  }
  expect((await client.describeSchedule('once')).nextRuns).toEqual([]);
  expect((await client.describeSchedule('soon')).nextRuns[0]?.getUTCHours()).toBe(2);
  await worker.stop();
});

const soon = () => new Date(Date.now() + 1500);

it('starts its single run after the one before when that has not ended yet', async () => {
  const runs = async () => (await client.describeSchedule('after')).recentRuns;
  await client.putSchedule({ ...NIGHTLY, id: 'after', cron: null, runAt: soon() });
  while ((await runs()).length === 0) await new Promise((done) => setTimeout(done, 100));
  const runAt = soon();
  await client.putSchedule({ ...NIGHTLY, id: 'after', cron: null, runAt, version: 2, appliedVersion: 1 });
  // The server looks a moment after the time.
  while (Date.now() < runAt.getTime() + 2500) await new Promise((done) => setTimeout(done, 100));
  const [first] = await runs();
  await raw.workflow.getHandle(first?.id ?? '').terminate();
  while ((await runs()).length < 2) await new Promise((done) => setTimeout(done, 100));
  expect((await client.describeSchedule('after')).nextRuns).toEqual([]);
});

it('is of its new owner when that is another', async () => {
  await client.putSchedule({ ...NIGHTLY, owner: 'grace', version: 3, appliedVersion: 1 });
  const { raw: now } = await raw.schedule.getHandle('nightly').describe();
  const owner = now.schedule?.action?.startWorkflow?.header?.fields?.['fleet-owner'];
  expect(JSON.parse(Buffer.from(owner?.data ?? '""').toString())).toBe('grace');
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

it('makes up for the runs of a time, each once', async () => {
  await client.putSchedule({ ...NIGHTLY, id: 'missed' });
  const worker = await startWorker(place, 'scheduled');
  await client.backfillSchedule('missed', {
    from: new Date('2026-01-01T02:00:00Z'),
    to: new Date('2026-01-03T02:00:00Z'),
  });
  const due = ['01', '02', '03'].map((day) => `missed-2026-01-${day}T02:00:00Z`);
  for (const id of due) {
    for (;;) {
      const ended = await client.result(id, { waitMs: 10_000 }).catch(() => undefined);
      if (ended?.status === 'completed') break;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  expect((await client.describeSchedule('missed')).recentRuns.map(({ id }) => id)).toEqual(due);
  await worker.stop();
});

it('is removed, also when it is not there', async () => {
  await client.removeSchedule('missed');
  await client.removeSchedule('missed');
  await expect(client.describeSchedule('missed')).rejects.toMatchObject({ code: 'schedule_not_found' });
  await client.putSchedule({ ...NIGHTLY, id: 'missed', version: 4, appliedVersion: 3 });
  expect(await client.describeSchedule('missed')).toMatchObject({ version: 4 });
});

it('is refused for what cannot be scheduled, and unknown when it is', async () => {
  await raw.schedule.create({
    scheduleId: 'theirs',
    spec: { intervals: [{ every: '1 day' }] },
    action: { type: 'startWorkflow', workflowType: 'x', taskQueue: 'q' },
  });
  const refusals: [Partial<WholeSchedule>, string][] = [
    [{ id: 'x', workflow: 'probe', input: {} }, 'not_supported'],
    [{ id: 'x', workflow: 'nothing' }, 'unknown_workflow'],
    [{ id: 'x', queue: 'high' }, 'queue_not_allowed'],
    [{ id: 'x', input: { days: 1 } }, 'invalid_input'],
    [{ id: 'x', cron: '0 2 * * 9' }, 'schedule_refused'],
    [{ cron: '0 2 * * 9', appliedVersion: 3 }, 'schedule_refused'],
    [{ id: 'theirs', version: 2 }, 'schedule_refused'],
  ];
  for (const [change, code] of refusals)
    await expect(client.putSchedule({ ...NIGHTLY, ...change })).rejects.toMatchObject({ code });
  await expect(client.triggerSchedule('none')).rejects.toMatchObject({ code: 'schedule_not_found' });
  await expect(client.describeSchedule('none')).rejects.toMatchObject({ code: 'schedule_not_found' });
  const day = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-02T00:00:00Z') };
  await expect(client.backfillSchedule('none', day)).rejects.toMatchObject({ code: 'schedule_not_found' });
});

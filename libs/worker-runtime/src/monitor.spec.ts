import type { ServerResponse } from 'node:http';
import { monitorScheduleId } from '@fleet/store';
import { openServer } from '@fleet/temporal-client/server';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { startMonitorWorld, type MonitorWorld } from './test-monitor-world';

let world: MonitorWorld;
beforeAll(async () => {
  world = await startMonitorWorld();
}, 120_000);
afterAll(() => world.stop(), 60_000);

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}

const scheduleOf = (monitorId: string) => world.fleet.store.schedules.get(monitorScheduleId(monitorId));
const lastRun = async (monitorId: string) => (await world.fleet.store.monitorExecutions.list({ monitorId }, 1))[0];

describe('four runs of a page that does not meet the condition, meets it, is the same, and is another', () => {
  const TEXTS = ['nothing yet', 'tickets are on sale', 'tickets are on sale', 'tickets are on sale: 2 left'];

  test.each([
    ['once', ['no', 'yes', 'skipped', 'skipped'], 1],
    ['always', ['no', 'yes', 'yes', 'yes'], 3],
    ['track_state', ['no', 'yes', 'no', 'yes'], 2],
  ] as const)('%s', async (notify, expected, count) => {
    const { id } = await world.monitor({ notify });
    const before = world.page.told.length;
    const seen: string[] = [];
    for (const text of TEXTS) {
      world.page.says(text);
      const { status, notified } = await world.done(id);
      seen.push(status === 'skipped' ? status : notified.length === 1 ? 'yes' : 'no');
    }
    expect(seen).toEqual(expected);
    await until(async () => (await world.notices(id)).every(({ status }) => status === 'delivered'));
    expect([(await world.notices(id)).length, world.page.told.length - before]).toEqual([count, count]);
  });

  test('each says what was seen and why it told or did not; an equal page costs no model call', async () => {
    const { id } = await world.monitor({ compare: 'meaning' });
    const results = [];
    await world.provider.forgetCalls();
    await world.provider.fail({ kind: 'say', text: '{"same":false}' });
    for (const text of TEXTS.slice(0, 3)) {
      world.page.says(text);
      results.push(await world.done(id));
    }
    expect(results).toMatchObject([
      { comparison: 'baseline', changed: false, conditionMet: false, reason: 'the condition is not met' },
      { comparison: 'meaning', changed: true, reason: 'the condition is met and the state has changed' },
      {
        comparison: 'hash',
        changed: false,
        conditionMet: true,
        notified: [],
        reason: 'the condition is met, but nothing has changed since the last run',
        summary: expect.stringMatching(
          /^"on sale" is on http:\/\/127\.0\.0\.1:\d+\/; 1 page\(s\) read, 25 characters$/,
        ),
      },
    ]);
    expect((await world.provider.calls()).total).toBe(1);
    expect(results[2]?.stateHash).toBe(results[1]?.stateHash);
  });
});

test('a monitor that is to run at once is run by its schedule, which then goes by its cron', async () => {
  world.page.says('on sale');
  const { id } = await world.monitor({ notify: 'always', runImmediately: true });
  await until(async () => (await lastRun(id))?.status === 'success');
  expect(await lastRun(id)).toMatchObject({ trigger: 'schedule', notify: true });
  await until(async () => (await scheduleOf(id)).appliedVersion === 2);
  expect(await scheduleOf(id)).toMatchObject({ version: 2, runAt: null });
  const { nextRuns } = await world.fleet.client.describeSchedule(monitorScheduleId(id));
  expect(nextRuns[0]?.toISOString()).toMatch(/-01-01T00:00:00.000Z$/);
  const runs = await world.fleet.store.monitorExecutions.list({ monitorId: id }, 10);
  expect(runs.map(({ status }) => status)).toEqual(['success']);
});

test('once: the monitor is completed and its schedule is gone from Temporal', async () => {
  world.page.says('on sale');
  const { id } = await world.monitor({ notify: 'once' });
  expect(await world.done(id)).toMatchObject({
    notified: ['webhook'],
    comparison: 'baseline',
    reason: 'the condition is met for the first time',
  });
  expect(await world.fleet.store.monitors.get(id)).toMatchObject({ state: 'completed', version: 2 });
  await expect(scheduleOf(id)).rejects.toMatchObject({ code: 'schedule_not_found' });
  expect(await world.done(id)).toMatchObject({ status: 'skipped', reason: 'the monitor is completed', notified: [] });
});

test('a page of 200 KB does not travel through Temporal', async () => {
  world.page.says(`on sale ${'and a word more '.repeat(12_000)}`);
  const { id } = await world.monitor({ notify: 'always' });
  const { executionId } = await world.done(id);
  const { lastState } = await world.fleet.store.monitorExecutions.work(executionId ?? '');
  expect(JSON.stringify(lastState).length).toBeGreaterThan(100_000);
  const server = openServer({ env: world.fleet.env });
  const run = await lastRun(id);
  const history = await server.client.workflow.getHandle(run?.workflowId ?? '').fetchHistory();
  expect(historyToJSON(history).length).toBeLessThan(40_000);
  await server.close();
});

describe('a page that fails', () => {
  test.each([
    [404, 'page_refused', 1, 300],
    [500, 'page_failed', 3, 10],
  ] as const)(
    'with %i: the run is Failed, its row says why, and the next is put off',
    async (status, code, hits, wait) => {
      world.page.answer = (_, response) => void response.writeHead(status).end();
      const before = world.page.hits;
      const { id } = await world.monitor();
      expect(await world.run(id)).toMatchObject({ status: 'failed', failure: { code } });
      expect(world.page.hits - before).toBe(hits);
      const row = await lastRun(id);
      expect(row).toMatchObject({ status: 'failed', errorCode: code, notify: null });
      expect(row?.errorMessage).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:\\d+/ answered ${status}$`));
      const { runAt, version, appliedVersion } = await scheduleOf(id);
      expect(Math.round(((runAt?.getTime() ?? 0) - (row?.closedAt?.getTime() ?? 0)) / 1000)).toBe(wait);
      expect(appliedVersion).toBe(version);
      expect(await world.fleet.store.monitors.get(id)).toMatchObject({ failures: 1, state: 'active' });
      world.page.says('well again');
      await world.done(id);
      expect(await world.fleet.store.monitors.get(id)).toMatchObject({ failures: 0, failureClass: null });
      expect(await scheduleOf(id)).toMatchObject({ runAt: null });
    },
  );

  test('being busy: it is left alone at once, for as long as it asked', async () => {
    world.page.answer = (_, response) => void response.writeHead(503, { 'retry-after': '7200' }).end();
    const before = world.page.hits;
    const { id } = await world.monitor();
    expect(await world.run(id)).toMatchObject({ status: 'failed', failure: { code: 'page_busy' } });
    expect(world.page.hits - before).toBe(1);
    const { runAt } = await scheduleOf(id);
    expect(Math.abs((runAt?.getTime() ?? 0) - Date.now() - 7_200_000)).toBeLessThan(60_000);
    expect(await lastRun(id)).toMatchObject({ failureClass: 'rate_limit' });
  });

  test('with an address that is refused or bytes that are none of a page', async () => {
    const refused = await world.monitor({ search: { provider: 'http', urls: ['http://10.0.0.1/'] } });
    expect(await world.run(refused.id)).toMatchObject({ status: 'failed', failure: { code: 'url_refused' } });
    world.page.answer = (_, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end('x');
    const { id } = await world.monitor();
    expect(await world.run(id)).toMatchObject({ status: 'failed', failure: { code: 'page_unreadable' } });
    expect(await lastRun(id)).toMatchObject({ status: 'failed', failureClass: 'other' });
  });
});

/** Starts a run of a page that does not answer. */
async function hanging(monitorId: string, executionId?: string) {
  const before = world.page.hits;
  world.page.answer = () => undefined;
  const { id } = await world.fleet.client.start('monitor', { monitorId, executionId }, { id: `held/${monitorId}` });
  await until(() => world.page.hits > before);
  return id;
}

describe('while a run is under way', () => {
  test('it can be canceled: the run is Canceled, and so is its row', async () => {
    const { id } = await world.monitor({ cron: null });
    const job = await hanging(id);
    await world.fleet.client.cancel(job, 'changed my mind');
    expect(await world.fleet.client.result(job, { waitMs: 30_000 })).toMatchObject({ status: 'canceled' });
    expect(await lastRun(id)).toMatchObject({ status: 'canceled', reason: 'it was canceled', errorCode: null });
    const { runAt } = await scheduleOf(id);
    expect((runAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(23 * 3_600_000);
  });

  test('another is skipped, whoever wants it', async () => {
    const { id } = await world.monitor();
    const { monitorExecutions } = world.fleet.store;
    const asked = await monitorExecutions.insertPending({ monitorId: id, key: `k-${id}` });
    const job = await hanging(id, asked.id);
    expect(await monitorExecutions.get(asked.id)).toMatchObject({ status: 'running', workflowId: job });
    expect(await world.done(id)).toMatchObject({ status: 'skipped', reason: `the run ${asked.id} is open` });
    await expect(monitorExecutions.insertPending({ monitorId: id, key: 'second' })).rejects.toMatchObject({
      code: 'monitor_running',
      details: { execution: asked.id },
    });
    await world.fleet.client.cancel(job, 'enough');
    await world.fleet.client.result(job, { waitMs: 30_000 });
  });

  test('its monitor can be deleted: it ends without a failure', async () => {
    const { id } = await world.monitor();
    const { fleet, page } = world;
    const before = page.hits;
    let held: ServerResponse | undefined;
    page.answer = (_, response) => void (held = response);
    const job = await fleet.client.start('monitor', { monitorId: id }, { id: `deleted/${id}` });
    await until(() => page.hits > before);
    await fleet.store.monitors.delete(id);
    held?.writeHead(200, { 'content-type': 'text/plain' }).end();
    expect(await fleet.client.result(job.id, { waitMs: 30_000 })).toMatchObject({
      status: 'completed',
      result: { status: 'skipped', reason: 'the monitor was deleted while it ran' },
    });
  });
});

test('a run that nobody is to be told of tells nobody', async () => {
  world.page.says('on sale');
  const { id } = await world.monitor({ notify: 'always' });
  const { store, client } = world.fleet;
  const asked = await store.monitorExecutions.insertPending({ monitorId: id, key: id, suppressNotifications: true });
  const job = await client.start('monitor', { monitorId: id, executionId: asked.id }, { id: `quiet/${id}` });
  expect(await client.result(job.id, { waitMs: 30_000 })).toMatchObject({
    result: { executionId: asked.id, notified: [], reason: expect.stringContaining('nobody was to be told') },
  });
  expect(await world.notices(id)).toEqual([]);
});

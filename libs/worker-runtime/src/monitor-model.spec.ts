import type { ActivityScope } from '@fleet/activities';
import { monitorScheduleId } from '@fleet/store';
import { startMonitorWorld, type MonitorWorld } from './test-monitor-world';

let world: MonitorWorld;
beforeAll(async () => {
  world = await startMonitorWorld();
}, 120_000);
afterAll(() => world.stop(), 60_000);
beforeEach(async () => {
  await world.provider.heal();
  await world.provider.forgetCalls();
});

interface Said {
  readonly state?: unknown;
  readonly condition_met?: boolean;
  readonly next_run?: string | null;
}

/** What the stand-in answers next, whatever it is asked. */
const say = (answer: unknown) => world.provider.fail({ kind: 'say', text: JSON.stringify(answer) });
const find = ({ state = { date: null }, condition_met = true, ...more }: Said = {}) =>
  say({ summary: 'Seen.', condition_met, state, ...more });
const llm = (more = {}) =>
  world.monitor({ search: { provider: 'llm' }, compare: 'meaning', notify: 'always', ...more });
const calls = async () => (await world.provider.calls()).total;

test('a date written otherwise is the same, one where there was none is another, and the same costs one call', async () => {
  const { id } = await llm();
  const seen: unknown[] = [];
  const answers: readonly (readonly [unknown, boolean?])[] = [
    [{ date: null }],
    [{ date: 'Sept 12' }, false],
    [{ date: 'September 12' }, true],
    [{ date: 'September 12' }],
  ];
  for (const [state, same] of answers) {
    await world.provider.forgetCalls();
    await find({ state });
    if (same !== undefined) await say({ same });
    const { comparison, changed } = await world.done(id);
    seen.push([comparison, changed, await calls()]);
  }
  expect(seen).toEqual([
    ['baseline', false, 1],
    ['meaning', true, 2],
    ['meaning', false, 2],
    ['hash', false, 1],
  ]);
});

test('the model is given the question, the last state and the pages, and each call has a row in the log of chats', async () => {
  world.page.says('The play is on Friday');
  const search = { provider: 'llm', urls: [world.page.url] } as const;
  const { id } = await llm({ search });
  await find({ state: { day: 'Friday' } });
  await world.done(id);
  await find({ state: { day: 'Saturday' } });
  await say({ same: false });
  const { executionId } = await world.done(id);
  const { calls: made } = await world.provider.calls();
  const asked = made.map(({ body }) => JSON.stringify(body));
  expect(asked).toHaveLength(3);
  expect(asked[0]).toMatch(/tickets for the play.*Last state: none.*The play is on Friday/);
  expect(asked[1]).toMatch(/Last state: .{0,10}day.{0,10}Friday.*The play is on Friday/);
  expect(asked[2]).toMatch(/Before: .{0,30}Friday.*After: .{0,30}Saturday/);
  const rows = await world.fleet.store.chatLog.list({}, 100);
  const own = rows.filter(({ requestId }) => requestId.startsWith(executionId ?? '-'));
  expect(new Set(own.map(({ requestId, owner, success }) => `${requestId} ${owner} ${success}`))).toEqual(
    new Set([`${executionId}-compare ada true`, `${executionId}-search ada true`]),
  );
});

describe('a monitor without a cron runs next', () => {
  const HOUR_MS = 3_600_000;
  const inTwoHours = (): string => new Date(Date.now() + 2 * HOUR_MS).toISOString();

  const CASES: readonly (readonly [string, () => string | undefined, number])[] = [
    ['when the result says so', inTwoHours, 2],
    ['in a day when the result says nonsense', () => 'when the moon is full', 24],
    ['in a day when the result names a time that is past', () => '2020-01-01T00:00:00Z', 24],
    ['in a day when the result says nothing', () => undefined, 24],
  ];

  test.each(CASES)('%s', async (_when, nextRun, hours) => {
    const { id } = await llm({ cron: null });
    const named = nextRun();
    await find(named === undefined ? {} : { next_run: named });
    const { nextRunAt } = await world.done(id);
    const { runAt, version, appliedVersion } = await world.fleet.store.schedules.get(monitorScheduleId(id));
    expect(Math.abs((runAt?.getTime() ?? 0) - Date.now() - hours * HOUR_MS)).toBeLessThan(5 * 60_000);
    expect(appliedVersion).toBe(version);
    expect(nextRunAt).toBe(hours === 2 ? runAt?.getTime() : undefined);
    const { nextRuns } = await world.fleet.client.describeSchedule(monitorScheduleId(id));
    // The server counts whole seconds, and is not early.
    expect(nextRuns.map((at) => at.getTime() / 1000)).toEqual([Math.ceil((runAt?.getTime() ?? 0) / 1000)]);
  });

  test('never when the result says null: it is completed', async () => {
    const { id } = await llm({ cron: null, notify: 'track_state' });
    await find({ next_run: null, condition_met: false });
    expect(await world.done(id)).toMatchObject({ nextRunAt: null, reason: 'the condition is not met' });
    expect(await world.fleet.store.monitors.get(id)).toMatchObject({ state: 'completed' });
    await expect(world.fleet.store.schedules.get(monitorScheduleId(id))).rejects.toMatchObject({
      code: 'schedule_not_found',
    });
  });
});

/** A try of a step. */
const scope = (attempt: number): ActivityScope => ({
  signal: new AbortController().signal,
  heartbeat: () => undefined,
  attempt,
  idempotencyKey: `key-${attempt}`,
  jobId: 'job',
  owner: 'somebody else',
  lastHeartbeat: undefined,
});

test('a model is asked once however often a step is tried, and at the same time', async () => {
  const { store, parts } = world.fleet;
  const { searchMonitor, compareMonitorState } = parts.activities;
  const { id } = await llm();
  await find({ state: { date: 'Sept 12' } });
  await world.done(id);
  await world.provider.forgetCalls();
  const opened = await store.monitorExecutions.open({ monitorId: id, workflowId: 'w', runId: 'tried-twice' });
  if (opened.status !== 'running') throw new Error(opened.reason);
  await find({ state: { date: 'September 12' } });
  await world.provider.fail({ kind: 'slow', delayMs: 500 });
  const ref = { executionId: opened.executionId };
  const searched = await Promise.all([1, 2, 3].map((attempt) => searchMonitor(ref, scope(attempt))));
  expect([new Set(searched.map((each) => each.stateHash)).size, await calls()]).toEqual([1, 1]);
  await say({ same: true });
  await world.provider.fail({ kind: 'slow', delayMs: 500 });
  const compared = await Promise.all([1, 2, 3].map((attempt) => compareMonitorState(ref, scope(attempt))));
  expect(compared).toEqual([1, 2, 3].map(() => ({ changed: false, comparison: 'meaning' })));
  expect([await searchMonitor(ref, scope(4)), await calls()]).toEqual([searched[0], 2]);
});

test('an answer in another form fails the run without being asked for again and again', async () => {
  const { id } = await llm();
  await world.provider.fail({ kind: 'say', text: 'I could not find out.', times: 'always' });
  expect(await world.run(id)).toMatchObject({ status: 'failed', failure: { code: 'output_schema_mismatch' } });
  const [row] = await world.fleet.store.monitorExecutions.list({ monitorId: id }, 1);
  expect(row).toMatchObject({ status: 'failed', errorCode: 'output_schema_mismatch', failureClass: 'agent' });
  expect(await calls()).toBeLessThanOrEqual(5);
});

test('a provider that is busy is not asked again within the run', async () => {
  const { id } = await llm();
  await world.provider.fail({ kind: 'status', status: 429, retryAfter: '60', times: 'always' });
  expect(await world.run(id)).toMatchObject({ status: 'failed', failure: { code: 'provider_rate_limited' } });
  const [row] = await world.fleet.store.monitorExecutions.list({ monitorId: id }, 1);
  expect(row).toMatchObject({ failureClass: 'rate_limit' });
});

test('a preview says what would be seen, and keeps nothing', async () => {
  world.page.says('on sale');
  const { client, store } = world.fleet;
  const search = { provider: 'http', urls: [world.page.url], contains: 'ON SALE' } as const;
  const question = { query: 'tickets for the play', condition: 'they are on sale', search };
  const before = await store.monitorExecutions.list({}, 100);
  const { id } = await client.start('previewMonitor', question);
  const outcome = await client.result<'previewMonitor'>(id, { waitMs: 30_000 });
  expect(outcome).toMatchObject({
    status: 'completed',
    result: {
      conditionMet: true,
      stateHash: expect.stringMatching(/^[0-9a-f]{16}$/),
      state: expect.stringContaining('News'),
    },
  });
  world.page.answer = (_, response) => void response.writeHead(404).end();
  const failed = await client.start('previewMonitor', question);
  expect(await client.result(failed.id, { waitMs: 30_000 })).toMatchObject({ failure: { code: 'page_refused' } });
  expect(await store.monitorExecutions.list({}, 100)).toEqual(before);
});

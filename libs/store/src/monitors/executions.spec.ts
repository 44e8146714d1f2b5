import postgres from 'postgres';
import { openStore, type Store } from '../store';
import { createTestDatabase, type TestDatabase } from '../test-database';
import { BACK_OFF } from './back-off';
import type { FoundState } from './execution-row';
import type { MonitorFailureClass } from './row';
import { insertTestMonitor, testSchedule, type TestMonitor } from './test-monitor';

let database: TestDatabase;
let store: Store;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
  sql = postgres(database.url, { max: 1 });
});

afterAll(async () => {
  await Promise.all([store.close(), sql.end()]);
  await database.drop();
});

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const monitor = (more: TestMonitor = {}) => insertTestMonitor(sql, more);

let runs = 0;
async function opened(monitorId: string): Promise<string> {
  const runId = `run-${(runs += 1)}`;
  const result = await store.monitorExecutions.open({ monitorId, workflowId: 'w', runId });
  if (result.status !== 'running') throw new Error(result.reason);
  return result.executionId;
}

const found = (more: Partial<FoundState> = {}): FoundState => ({
  state: { text: 'a' },
  stateHash: '0123456789abcdef',
  summary: 'It says a.',
  conditionMet: true,
  ...more,
});

async function searched(monitorId: string, more: Partial<FoundState> = {}, changed = true): Promise<string> {
  const id = await opened(monitorId);
  await store.monitorExecutions.found(id, found(more));
  await store.monitorExecutions.compared(id, { changed, comparison: changed ? 'hash' : 'baseline' });
  return id;
}

const rowOf = async (monitorId: string) => {
  const [row] = await sql<{ state: string; version: number; failures: number; failure_class: string; hash: string }[]>`
    select state, version, failures, failure_class, last_state_hash as hash from monitors where id = ${monitorId}`;
  return row;
};
const inMs = async (monitorId: string): Promise<number> => {
  const { runAt } = await testSchedule(sql, monitorId);
  return (runAt?.getTime() ?? Number.NaN) - Date.now();
};
const near = (ms: number, wanted: number) => expect(Math.abs(ms - wanted)).toBeLessThan(5 * 60_000);

describe('opening', () => {
  test('a run of a schedule is opened once for its workflow, and one at a time for a monitor', async () => {
    const monitorId = await monitor();
    const start = (runId: string) => store.monitorExecutions.open({ monitorId, workflowId: 'w', runId });
    const same = await Promise.all(Array.from({ length: 8 }, () => start('same')));
    expect(new Set(same.map((result) => JSON.stringify(result))).size).toBe(1);
    const others = await Promise.all(Array.from({ length: 5 }, (_, index) => start(`other-${index}`)));
    const id = same[0]?.status === 'running' ? same[0].executionId : '';
    expect(new Set(others.map((result) => JSON.stringify(result)))).toEqual(
      new Set([JSON.stringify({ status: 'skipped', reason: `the run ${id} is open` })]),
    );
    const rows = await store.monitorExecutions.list({ monitorId }, 10);
    expect(rows).toMatchObject([{ id, trigger: 'schedule', status: 'running', runId: 'same', workflowId: 'w' }]);
  });

  test.each(['paused', 'completed'] as const)('a schedule does not run a %s monitor, a person does', async (state) => {
    const monitorId = await monitor({ state });
    const start = { monitorId, workflowId: 'w', runId: `r-${state}` };
    expect(await store.monitorExecutions.open(start)).toEqual({
      status: 'skipped',
      reason: `the monitor is ${state}`,
    });
    const { id } = await store.monitorExecutions.insertPending({ monitorId, key: `k-${state}` });
    const taken = await store.monitorExecutions.open({ ...start, executionId: id });
    expect(taken).toEqual({ status: 'running', executionId: id });
  });

  test('what somebody asked for is pending, the same for the same key; a second is told which one is open', async () => {
    const monitorId = await monitor();
    const ask = (key: string) => store.monitorExecutions.insertPending({ monitorId, key, suppressNotifications: true });
    const rows = await Promise.all(Array.from({ length: 6 }, () => ask('k1')));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(1);
    expect(rows[0]).toMatchObject({ status: 'pending', trigger: 'manual', suppressNotifications: true, runId: null });
    const id = rows[0]?.id ?? '';
    await expect(ask('k2')).rejects.toMatchObject({ code: 'monitor_running', details: { execution: id } });
    await expect(store.monitorExecutions.insertPending({ monitorId: 'mon_no', key: 'k3' })).rejects.toMatchObject({
      code: 'monitor_not_found',
    });
    const take = (runId: string) =>
      store.monitorExecutions.open({ monitorId, executionId: id, workflowId: 'w', runId });
    expect(await take('first')).toEqual({ status: 'running', executionId: id });
    expect(await take('first')).toEqual({ status: 'running', executionId: id });
    expect(await take('second')).toEqual({ status: 'skipped', reason: 'the run was running already' });
  });

  test('one whose workflow never came gives way after a minute', async () => {
    const monitorId = await monitor();
    const { id } = await store.monitorExecutions.insertPending({ monitorId, key: 'lost' });
    await sql`update monitor_executions set created_at = created_at - interval '61 seconds' where id = ${id}`;
    const next = await opened(monitorId);
    expect(await store.monitorExecutions.get(id)).toMatchObject({
      status: 'failed',
      errorCode: 'internal_error',
      errorMessage: 'It was never started',
    });
    const late = await store.monitorExecutions.open({ monitorId, executionId: id, workflowId: 'w', runId: 'late' });
    expect(late).toEqual({ status: 'skipped', reason: 'the run was failed already' });
    expect(await store.monitorExecutions.get(next)).toMatchObject({ status: 'running' });
  });
});

describe('a success', () => {
  test('gives the monitor its state and clears its failures; again it changes nothing', async () => {
    const monitorId = await monitor({ failures: 3 });
    const id = await searched(monitorId);
    const closed = await Promise.all(Array.from({ length: 4 }, () => store.monitorExecutions.persist(id)));
    expect(new Set(closed.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(closed[0]).toMatchObject({
      scheduleChanged: false,
      execution: { status: 'success', notify: true, reason: 'the condition is met and the state has changed' },
    });
    expect(await rowOf(monitorId)).toMatchObject({
      failures: 0,
      failure_class: null,
      hash: '0123456789abcdef',
      version: 1,
    });
    expect(await testSchedule(sql, monitorId)).toEqual({ runAt: null, version: 1, deleted: false });
    const later = await store.monitorExecutions.cancel({ monitorId, runId: 'x', executionId: id });
    expect(later?.execution.status).toBe('success');
  });

  test('what was found first counts, and nothing is persisted before it was compared', async () => {
    const monitorId = await monitor();
    const id = await opened(monitorId);
    await store.monitorExecutions.found(id, found({ summary: 'first' }));
    await store.monitorExecutions.found(id, found({ summary: 'second', stateHash: 'f'.repeat(16) }));
    expect(await store.monitorExecutions.work(id)).toMatchObject({
      execution: { summary: 'first' },
      state: { text: 'a' },
      lastStateHash: null,
      owner: 'ada',
      spec: { compare: 'exact', search: { provider: 'http' } },
    });
    expect((await store.monitorExecutions.persist(id)).execution.status).toBe('running');
  });

  test.each([
    ['once', 1, ['no', 'yes', 'skipped', 'skipped'], 'completed'],
    ['always', 3, ['no', 'yes', 'yes', 'yes'], 'active'],
    ['track_state', 2, ['no', 'yes', 'no', 'yes'], 'active'],
  ] as const)(
    'unmet, met, met and the same, met and another: %s tells %d times',
    async (notify, count, told, state) => {
      const monitorId = await monitor({ notify });
      const script = [
        { conditionMet: false, changed: false },
        { conditionMet: true, changed: true },
        { conditionMet: true, changed: false },
        { conditionMet: true, changed: true },
      ];
      const seen: string[] = [];
      for (const [index, { conditionMet, changed }] of script.entries()) {
        const run = { monitorId, workflowId: 'w', runId: `${monitorId}-${index}` };
        const start = await store.monitorExecutions.open(run);
        if (start.status === 'running') {
          await store.monitorExecutions.found(start.executionId, found({ conditionMet }));
          const comparison = index === 0 ? 'baseline' : 'hash';
          await store.monitorExecutions.compared(start.executionId, { changed, comparison });
          seen.push((await store.monitorExecutions.persist(start.executionId)).execution.notify ? 'yes' : 'no');
        } else seen.push(start.status);
      }
      expect([seen, seen.filter((each) => each === 'yes').length]).toEqual([told, count]);
      expect((await rowOf(monitorId))?.state).toBe(state);
      expect((await testSchedule(sql, monitorId)).deleted).toBe(state === 'completed');
    },
  );

  test('a run that nobody is told of does not complete a monitor that tells once', async () => {
    const monitorId = await monitor({ notify: 'once' });
    const { id } = await store.monitorExecutions.insertPending({
      monitorId,
      key: 'quiet',
      suppressNotifications: true,
    });
    await store.monitorExecutions.open({ monitorId, executionId: id, workflowId: 'w', runId: 'quiet' });
    await store.monitorExecutions.found(id, found());
    await store.monitorExecutions.compared(id, { changed: true, comparison: 'hash' });
    const { execution } = await store.monitorExecutions.persist(id);
    expect([execution.notify, execution.reason]).toEqual([
      false,
      'the condition is met, but nobody was to be told of this run',
    ]);
    expect((await rowOf(monitorId))?.state).toBe('active');
  });

  test('a monitor that tells once and is paused meanwhile tells once and is completed, whoever is first', async () => {
    for (let round = 0; round < 20; round += 1) {
      const monitorId = await monitor({ notify: 'once' });
      const id = await searched(monitorId);
      const [closed] = await Promise.allSettled([
        store.monitorExecutions.persist(id),
        store.monitors.setState(monitorId, 'active', 'paused'),
      ]);
      expect(closed).toMatchObject({ status: 'fulfilled', value: { execution: { status: 'success', notify: true } } });
      expect((await rowOf(monitorId))?.state).toBe('completed');
      expect((await testSchedule(sql, monitorId)).deleted).toBe(true);
    }
  });
});

describe('the next run', () => {
  test.each([
    ['named', null, new Date(Date.now() + 2 * HOUR_MS), 2 * HOUR_MS],
    ['not named', null, undefined, DAY_MS],
    ['named beside a cron', '0 9 * * *', new Date(Date.now() + 2 * HOUR_MS), 2 * HOUR_MS],
  ] as const)('%s', async (_how, cron, nextRunAt, wanted) => {
    const monitorId = await monitor({ cron, runAt: new Date(Date.now() - 1000) });
    const { scheduleChanged } = await store.monitorExecutions.persist(await searched(monitorId, { nextRunAt }));
    expect(scheduleChanged).toBe(true);
    near(await inMs(monitorId), wanted);
  });

  test('that came gives the cron its turn again', async () => {
    const monitorId = await monitor({ runAt: new Date(Date.now() - 1000) });
    const { scheduleChanged } = await store.monitorExecutions.persist(await searched(monitorId));
    expect([scheduleChanged, await testSchedule(sql, monitorId)]).toEqual([
      true,
      { runAt: null, version: 2, deleted: false },
    ]);
  });

  test('null: the monitor is completed and its schedule goes', async () => {
    const monitorId = await monitor({ cron: null });
    await store.monitorExecutions.persist(await searched(monitorId, { nextRunAt: null, conditionMet: false }));
    expect(await rowOf(monitorId)).toMatchObject({ state: 'completed', version: 2 });
    expect((await testSchedule(sql, monitorId)).deleted).toBe(true);
  });

  test('of a canceled run is when it would have been', async () => {
    const [own, cron] = [await monitor({ cron: null }), await monitor()];
    for (const monitorId of [own, cron]) {
      const executionId = await opened(monitorId);
      const closed = await store.monitorExecutions.cancel({ monitorId, executionId, runId: 'x' });
      expect(closed?.execution).toMatchObject({ status: 'canceled', reason: 'it was canceled' });
    }
    near(await inMs(own), DAY_MS);
    expect((await testSchedule(sql, cron)).runAt).toBeNull();
  });

  test('a paused monitor has none', async () => {
    const monitorId = await monitor({ cron: null });
    const id = await searched(monitorId, { nextRunAt: new Date(Date.now() + HOUR_MS) });
    await sql`update monitors set state = 'paused' where id = ${monitorId}`;
    await store.monitorExecutions.persist(id);
    expect(await testSchedule(sql, monitorId)).toEqual({ runAt: null, version: 1, deleted: false });
  });
});

describe('a failure', () => {
  const SECONDS: Readonly<Record<MonitorFailureClass, readonly number[]>> = {
    rate_limit: [30, 120, 480, 1920, 3600, 3600],
    timeout: [10, 30, 90, 270, 300, 300],
    network: [10, 30, 90, 270, 300, 300],
    agent: [60, 180, 540, 900, 900, 900],
    other: [300, 900, 2700, 3600, 3600, 3600],
  };

  test.each(Object.keys(BACK_OFF) as MonitorFailureClass[])('of class %s waits by the table', async (failureClass) => {
    const monitorId = await monitor();
    const waits: number[] = [];
    for (const _ of SECONDS[failureClass]) {
      const executionId = await opened(monitorId);
      const failure = { failureClass, code: 'page_failed', message: 'm'.repeat(600) };
      const closed = await store.monitorExecutions.fail({ monitorId, executionId, runId: 'x' }, failure);
      expect(closed).toMatchObject({ scheduleChanged: true, execution: { status: 'failed', failureClass } });
      expect(closed?.execution.errorMessage).toHaveLength(500);
      const [row] = await sql<{ wait: number }[]>`
        select extract(epoch from s.run_at - e.closed_at)::double precision as wait
        from schedules s, monitor_executions e where s.id = ${`monitor/${monitorId}`} and e.id = ${executionId}`;
      waits.push(Math.round(row?.wait ?? 0));
    }
    expect(waits).toEqual(SECONDS[failureClass]);
    expect(await rowOf(monitorId)).toMatchObject({ failures: 6, failure_class: failureClass, state: 'active' });
  });

  test('waits at least as long as a busy page asked for', async () => {
    const monitorId = await monitor();
    const executionId = await opened(monitorId);
    await store.monitorExecutions.notBefore(executionId, new Date(Date.now() + 2 * HOUR_MS));
    const failure = { failureClass: 'rate_limit', code: 'page_busy', message: 'busy' } as const;
    await store.monitorExecutions.fail({ monitorId, executionId, runId: 'x' }, failure);
    near(await inMs(monitorId), 2 * HOUR_MS);
  });

  test('of a run that somebody asked for leaves a time that is to come as it is', async () => {
    const runAt = new Date(Date.now() + 3 * HOUR_MS);
    const monitorId = await monitor({ cron: null, runAt });
    const { id } = await store.monitorExecutions.insertPending({ monitorId, key: 'asked-and-failed' });
    const failure = { failureClass: 'other', code: 'page_refused', message: 'no' } as const;
    await store.monitorExecutions.fail({ monitorId, executionId: id, runId: 'x' }, failure);
    expect(await testSchedule(sql, monitorId)).toEqual({ runAt, version: 1, deleted: false });
  });

  test('of a run that nobody knows is none', async () => {
    const failure = { failureClass: 'other', code: 'page_refused', message: 'no' } as const;
    expect(await store.monitorExecutions.fail({ monitorId: 'mon_no', runId: 'no' }, failure)).toBeUndefined();
    expect(await store.monitorExecutions.reap('exe_no')).toBeUndefined();
    await expect(store.monitorExecutions.get('exe_no')).rejects.toMatchObject({ code: 'execution_not_found' });
  });
});

test('a run whose workflow could not be started is closed, its key free again; one that came after all goes on', async () => {
  const monitorId = await monitor();
  const ask = () => store.monitorExecutions.insertPending({ monitorId, key: 'not-started' });
  const failure = { code: 'temporal_unavailable', message: 'It was not started' };
  const { id } = await ask();
  expect(await store.monitorExecutions.closeUnstarted(id, failure)).toBe(true);
  expect(await store.monitorExecutions.get(id)).toMatchObject({ status: 'failed', errorMessage: 'It was not started' });
  expect((await rowOf(monitorId))?.failures).toBe(0);
  const late = { monitorId, executionId: id, workflowId: 'w', runId: 'late' };
  expect(await store.monitorExecutions.open(late)).toMatchObject({ status: 'skipped' });
  const again = await ask();
  expect(again).toMatchObject({ status: 'pending' });
  expect(again.id).not.toBe(id);
  await store.monitorExecutions.open({ ...late, executionId: again.id, runId: 'in-time' });
  expect(await store.monitorExecutions.closeUnstarted(again.id, failure)).toBe(false);
  expect((await store.monitorExecutions.get(again.id)).status).toBe('running');
});

test('a run left open at any step is found stale and reaped; the next one opens', async () => {
  const steps: readonly ((id: string) => Promise<unknown>)[] = [
    async () => undefined,
    (id) => store.monitorExecutions.found(id, found()),
    (id) => store.monitorExecutions.compared(id, { changed: true, comparison: 'hash' }),
  ];
  for (let done = 0; done <= steps.length; done += 1) {
    const monitorId = await monitor();
    const id = await opened(monitorId);
    for (const step of steps.slice(0, done)) await step(id);
    await sql`update monitor_executions set created_at = created_at - interval '31 minutes' where id = ${id}`;
    const before = new Date(Date.now() - 30 * 60_000);
    const stale = await store.monitorExecutions.stale(before, 100);
    expect(stale.filter((row) => row.monitorId === monitorId)).toMatchObject([{ id, status: 'running' }]);
    const reaped = await store.monitorExecutions.reap(id);
    expect(reaped?.execution).toMatchObject({ status: 'failed', errorCode: 'workflow_timed_out' });
    expect((await store.monitorExecutions.stale(before, 100)).filter((row) => row.id === id)).toEqual([]);
    await opened(monitorId);
  }
});

test('the list is newest first, narrowed, and goes on where a page ended', async () => {
  const monitorId = await monitor();
  const ids: string[] = [];
  for (let index = 0; index < 4; index += 1) {
    const id = await searched(monitorId, {}, false);
    await store.monitorExecutions.persist(id);
    await sql`update monitor_executions set created_at = ${new Date(1_700_000_000_000 + index)} where id = ${id}`;
    ids.unshift(id);
  }
  const first = await store.monitorExecutions.list({ monitorId }, 3);
  expect(first.map(({ id }) => id)).toEqual(ids.slice(0, 3));
  const rest = await store.monitorExecutions.list({ monitorId, after: first.at(-1) }, 3);
  expect(rest.map(({ id }) => id)).toEqual(ids.slice(3));
  expect(await store.monitorExecutions.list({ monitorId, status: 'failed' }, 3)).toEqual([]);
});

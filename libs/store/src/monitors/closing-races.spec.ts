import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { openStore, type Store } from '../store';
import { createTestDatabase, type TestDatabase } from '../test-database';
import { insertTestMonitor, testSchedule } from './test-monitor';

let database: TestDatabase;
let store: Store;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
  sql = postgres(database.url, { max: 2 });
});

afterAll(async () => {
  await Promise.all([store.close(), sql.end()]);
  await database.drop();
});

/** Statements that wait for a lock at this moment. */
const waiting = async (): Promise<number> => {
  const [row] = await sql<[{ waiting: number }]>`
    select count(*)::integer as waiting from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return row.waiting;
};

/** Does both while the monitor is locked, so that the second has begun before the first is committed. */
async function inTurn(monitorId: string, ...both: readonly (() => Promise<unknown>)[]): Promise<void> {
  const held = await sql.reserve();
  const running: Promise<unknown>[] = [];
  try {
    await held`begin`;
    await held`select from monitors where id = ${monitorId} for update`;
    for (const [index, work] of both.entries()) {
      running.push(work());
      while ((await waiting()) <= index) await pause(5);
    }
    await held`commit`;
  } finally {
    held.release();
  }
  await Promise.all(running);
}

async function opened(
  monitorId: string,
  conditionMet = false,
): Promise<{ monitorId: string; executionId: string; runId: string }> {
  const run = { monitorId, workflowId: 'w', runId: `run of ${monitorId}` };
  const result = await store.monitorExecutions.open(run);
  if (result.status !== 'running') throw new Error(result.reason);
  const { executionId } = result;
  const { question } = await store.monitorExecutions.work(executionId);
  const found = { question, state: {}, stateHash: '0123456789abcdef', summary: 'It is so.', conditionMet };
  await store.monitorExecutions.found(executionId, found);
  await store.monitorExecutions.compared(executionId, { changed: false, comparison: 'baseline' });
  return { ...run, executionId };
}

describe.each([
  ['persist', ({ executionId }: { executionId: string }) => store.monitorExecutions.persist(executionId)],
  [
    'fail',
    (run: { monitorId: string; runId: string }) =>
      store.monitorExecutions.fail(run, { failureClass: 'other', code: 'internal_error', message: 'No.' }),
  ],
  ['cancel', (run: { monitorId: string; runId: string }) => store.monitorExecutions.cancel(run)],
] as const)('%s right behind a person who', (end, close) => {
  test('takes the cron away leaves a next run', async () => {
    const monitorId = await insertTestMonitor(sql, { cron: '0 * * * *', runAt: new Date() });
    const run = await opened(monitorId);
    await inTurn(
      monitorId,
      () => store.monitors.update(monitorId, { cron: null }),
      () => close(run),
    );
    expect((await testSchedule(sql, monitorId)).runAt).not.toBeNull();
  });

  test('gives it a cron leaves the clock to the cron, but for the wait after a failure', async () => {
    const monitorId = await insertTestMonitor(sql, { cron: null, runAt: new Date() });
    const run = await opened(monitorId);
    await inTurn(
      monitorId,
      () => store.monitors.update(monitorId, { cron: '* * * * *' }),
      () => close(run),
    );
    const { runAt } = await testSchedule(sql, monitorId);
    if (end === 'fail') expect(runAt).not.toBeNull();
    else expect(runAt).toBeNull();
  });
});

const never = (monitorId: string) => ({ monitorId, workflowId: 'w', runId: `never of ${monitorId}` });

describe('a scheduled run that was never opened, as Postgres was away', () => {
  const failure = { failureClass: 'network', code: 'store_unavailable', message: 'No\0.' } as const;

  test('is there once it has failed, and leaves a next run', async () => {
    const due = new Date(Date.now() - 1000);
    const monitorId = await insertTestMonitor(sql, { cron: null, runAt: due });
    expect(await store.monitorExecutions.fail(never(monitorId), failure)).toMatchObject({
      execution: { status: 'failed', trigger: 'schedule', workflowId: 'w', errorMessage: 'No .' },
      scheduleChanged: true,
    });
    expect((await testSchedule(sql, monitorId)).runAt?.getTime()).toBeGreaterThan(due.getTime());
    await store.monitorExecutions.fail(never(monitorId), failure);
    expect(await store.monitorExecutions.list({ monitorId }, 10)).toHaveLength(1);
  });

  test('is there once it was canceled, and leaves a next run', async () => {
    const monitorId = await insertTestMonitor(sql, { cron: null, runAt: new Date(Date.now() - 1000) });
    const canceled = await store.monitorExecutions.cancel(never(monitorId));
    expect(canceled).toMatchObject({ execution: { status: 'canceled' }, scheduleChanged: true });
  });

  test('is nothing to a monitor that is gone, or that another run is open of', async () => {
    expect(await store.monitorExecutions.fail(never('mon_none'), failure)).toBeUndefined();
    const monitorId = await insertTestMonitor(sql);
    await opened(monitorId);
    expect(await store.monitorExecutions.fail(never(monitorId), failure)).toBeUndefined();
    expect(await store.monitorExecutions.list({ monitorId }, 10)).toMatchObject([{ status: 'running' }]);
  });
});

test('a run that begins right behind the deletion of its monitor finds it gone', async () => {
  const asked = await insertTestMonitor(sql);
  const asking = () => store.monitorExecutions.insertPending({ monitorId: asked, key: 'k' });
  await inTurn(
    asked,
    () => store.monitors.delete(asked),
    () => expect(asking()).rejects.toMatchObject({ code: 'monitor_not_found' }),
  );
  const due = await insertTestMonitor(sql);
  const run = { monitorId: due, workflowId: 'w', runId: 'behind a deletion' };
  await inTurn(
    due,
    () => store.monitors.delete(due),
    async () => expect(await store.monitorExecutions.open(run)).toMatchObject({ reason: 'the monitor is gone' }),
  );
});

test('what was found is kept once, with the monitor: a run that ended holds none of it', async () => {
  const monitorId = await insertTestMonitor(sql);
  await store.monitorExecutions.persist((await opened(monitorId)).executionId);
  const [row] = await sql`
    select e.state as run, m.last_state as monitor from monitors m join monitor_executions e on e.monitor_id = m.id
    where m.id = ${monitorId}`;
  expect(row).toEqual({ run: null, monitor: '{}' });
});

test('what was found for another question is told to nobody, completes nothing, and is asked again', async () => {
  const monitorId = await insertTestMonitor(sql, { cron: null, notify: 'once' });
  const { executionId } = await opened(monitorId, true);
  await store.monitors.update(monitorId, { condition: 'there are two tickets' });
  await store.monitorExecutions.persist(executionId);
  const reason = 'what the monitor asks was changed while it ran';
  expect(await store.monitorExecutions.get(executionId)).toMatchObject({ notify: false, reason });
  expect(await store.monitors.get(monitorId)).toMatchObject({ state: 'active', lastStateHash: null });
  const { runAt } = await testSchedule(sql, monitorId);
  expect(runAt?.getTime()).toBeLessThan(Date.now() + 60_000);
  // A change of the name is none.
  const next = await store.monitorExecutions.open({ monitorId, workflowId: 'w', runId: 'next' });
  expect(next).toMatchObject({ status: 'running' });
  const [id] = (await store.monitorExecutions.list({ monitorId }, 1)).map((run) => run.id);
  const { question } = await store.monitorExecutions.work(id ?? '');
  await store.monitorExecutions.found(id ?? '', {
    question,
    state: {},
    stateHash: 'a',
    summary: '',
    conditionMet: true,
  });
  await store.monitorExecutions.compared(id ?? '', { changed: false, comparison: 'baseline' });
  await store.monitors.update(monitorId, { name: 'Other', condition: 'there are two tickets' });
  await store.monitorExecutions.persist(id ?? '');
  expect(await store.monitors.get(monitorId)).toMatchObject({ state: 'completed', lastStateHash: 'a' });
});

test('a run that nobody was to be told of completes nothing, also when it says that none is to follow', async () => {
  const monitorId = await insertTestMonitor(sql, { cron: null });
  const { id } = await store.monitorExecutions.insertPending({ monitorId, key: 'quiet', suppressNotifications: true });
  await store.monitorExecutions.open({ monitorId, executionId: id, workflowId: 'w', runId: 'quiet' });
  const found = { state: {}, stateHash: 'a', summary: '', conditionMet: true, nextRunAt: null };
  await store.monitorExecutions.found(id, found);
  await store.monitorExecutions.compared(id, { changed: false, comparison: 'baseline' });
  await store.monitorExecutions.persist(id);
  expect(await store.monitors.get(monitorId)).toMatchObject({ state: 'active' });
  expect((await testSchedule(sql, monitorId)).runAt).not.toBeNull();
});

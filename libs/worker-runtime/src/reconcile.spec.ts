import postgres from 'postgres';
import { startMonitorWorld, type MonitorWorld } from './test-monitor-world';

let world: MonitorWorld;
let sql: postgres.Sql;
beforeAll(async () => {
  world = await startMonitorWorld(['background']);
  sql = postgres(world.fleet.parts.config.databaseUrl, { max: 1 });
}, 120_000);
afterAll(async () => {
  await sql.end();
  await world.stop();
}, 60_000);

async function reconcile(dryRun = false) {
  const { client } = world.fleet;
  const { id } = await client.start('reconcile', { dryRun });
  const outcome = await client.result<'reconcile'>(id, { waitMs: 60_000 });
  if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome));
  return outcome.result.notices.unsent;
}

/** A run that was to tell people, and was terminated before it did. */
async function untold(): Promise<string> {
  const { id } = await world.monitor();
  const execution = `exe_${id.slice(4)}`;
  await sql`insert into monitor_executions (id, monitor_id, key, trigger, status, notify, condition_met, summary, closed_at)
    values (${execution}, ${id}, ${execution}, 'schedule', 'success', true, true, 'on sale', now() - interval '40 minutes')`;
  return execution;
}

const told = (execution: string) => world.page.told.filter((body) => body.includes(execution));

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 50));
}

it('people are told, once, of a run that ended before it told them', async () => {
  const execution = await untold();
  expect(await reconcile(true)).toEqual({ count: 1, ids: [execution] });
  expect(await reconcile()).toEqual({ count: 1, ids: [execution] });
  await until(() => told(execution).length > 0);
  expect(await reconcile()).toEqual({ count: 0, ids: [] });
  expect(told(execution)).toHaveLength(1);
});

it('a notice whose delivery was terminated is delivered, once', async () => {
  const execution = await untold();
  const { client, store } = world.fleet;
  const { owner, monitor, addresses } = await store.notices.subject(execution);
  const [address] = addresses;
  if (!address) throw new Error('the monitor has nobody to tell');
  const notice = { executionId: execution, monitorId: monitor.id, owner, ...address };
  const { id } = await store.notices.open({ ...notice, payload: (of) => ({ id: of, execution }) });
  await sql`update notices set created_at = now() - interval '40 minutes' where id = ${id}`;
  expect(await reconcile(true)).toEqual({ count: 1, ids: [id] });
  expect(await reconcile()).toEqual({ count: 1, ids: [id] });
  await until(() => told(execution).length > 0);
  await client.result(`notice/${execution}/webhook`, { waitMs: 30_000 });
  expect(await reconcile()).toEqual({ count: 0, ids: [] });
  expect(told(execution)).toHaveLength(1);
});

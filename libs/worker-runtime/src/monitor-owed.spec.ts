import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { startMonitorWorld, type MonitorWorld } from './test-monitor-world';

let world: MonitorWorld;
let sql: postgres.Sql;
beforeAll(async () => {
  world = await startMonitorWorld();
  sql = postgres(world.fleet.parts.config.databaseUrl, { max: 2 });
}, 120_000);
afterAll(async () => {
  await sql.end();
  await world.stop();
}, 60_000);

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(50);
}

test('a run that is canceled after it was decided to tell people tells them, once', async () => {
  const { store, client } = world.fleet;
  world.page.says('on sale');
  const { id } = await world.monitor({ notify: 'always' });
  // What writes the notice down waits.
  const held = await sql.reserve();
  await held`begin`;
  await held`lock table notices in share mode`;
  const job = await client.start('monitor', { monitorId: id }, { id: `late/${id}` });
  await until(async () => (await store.monitorExecutions.list({ monitorId: id, status: 'success' }, 1)).length === 1);
  await client.cancel(job.id, 'too late');
  await held`commit`;
  held.release();
  expect(await client.result(job.id, { waitMs: 60_000 })).toMatchObject({
    status: 'completed',
    result: { status: 'success', notified: ['webhook'] },
  });
  await until(async () => (await world.notices(id)).some(({ status }) => status === 'delivered'));
  expect(world.page.told).toHaveLength(1);
});

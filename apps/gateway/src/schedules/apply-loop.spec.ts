import { createBlackHole, type BlackHole } from '../testing/black-hole';
import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send } from '../testing/http';
import { schedulesWork } from '../testing/schedules';
import { until } from '../testing/until';
import { startApplyLoop } from './apply-loop';

let temporal: BlackHole;
/** Its Temporal can go silent. */
let gateway: TestGateway;
let other: TestGateway;
beforeAll(async () => {
  temporal = await createBlackHole(process.env['FLEET_TEST_TEMPORAL_ADDRESS'] ?? '');
  gateway = await createTestGateway({ temporalAddress: temporal.address });
  await schedulesWork(gateway);
  other = await createTestGateway({ beside: gateway });
});

afterAll(async () => {
  await other.close();
  await gateway.close();
  await temporal.close();
});

const probes = { workflow: 'probeSteps', cron: '0 2 * * *' };

it('brings to Temporal what was changed while it was away', async () => {
  await send(gateway.app, 'POST', '/v1/schedules', { id: 'changed', ...probes });
  await send(gateway.app, 'POST', '/v1/schedules', { id: 'deleted', ...probes });
  temporal.swallow();
  const before = Date.now();
  const [made, changed, paused, gone, triggered] = await Promise.all([
    send(gateway.app, 'POST', '/v1/schedules', { id: 'made', ...probes }),
    send(gateway.app, 'PATCH', '/v1/schedules/changed', { cron: '0 3 * * *' }),
    send(gateway.app, 'POST', '/v1/schedules/changed/pause', { reason: 'away' }),
    send(gateway.app, 'DELETE', '/v1/schedules/deleted'),
    send(gateway.app, 'POST', '/v1/schedules/changed/trigger'),
  ]);
  expect(Date.now() - before).toBeLessThan(5000);
  expect(made).toMatchObject({ status: 201, body: { applied: false } });
  expect((await send(gateway.app, 'GET', '/v1/schedules/made')).body).toMatchObject({ next_runs: null });
  expect(changed).toMatchObject({ status: 200, body: { applied: false, cron: '0 3 * * *' } });
  expect(paused).toMatchObject({ status: 200, body: { applied: false, paused: true } });
  expect(gone).toMatchObject({ status: 202, body: { id: 'deleted', applied: false } });
  expect(triggered).toMatchObject({ status: 503, body: { code: 'temporal_unavailable' } });
  expect(await send(gateway.app, 'GET', '/v1/schedules/deleted')).toMatchObject({ status: 404 });

  const loop = startApplyLoop({ store: gateway.store, client: gateway.client, logger: gateway.app.log, everyMs: 200 });
  await until(() => gateway.logged.some((line) => line.includes('temporal_unavailable')));
  temporal.restore();
  await until(async () => (await send(gateway.app, 'GET', '/v1/schedules/changed')).body.applied === true);
  await until(async () => (await send(gateway.app, 'GET', '/v1/schedules/made')).body.applied === true);
  await until(() =>
    gateway.client.describeSchedule('deleted').then(
      () => false,
      ({ code }) => code === 'schedule_not_found',
    ),
  );
  await loop.stop();
  const now = await other.client.describeSchedule('changed');
  expect(now).toMatchObject({ cron: '0 3 * * *', paused: true, note: 'away' });
  const { body } = await send(gateway.app, 'GET', '/v1/schedules/made');
  expect(body).toMatchObject({ failure: null, applied: true });
  expect(body.next_runs[0]).toMatch(/T02:00:00/);
});

it('of two gateways each schedule is written, whichever comes first', async () => {
  const owned = { owner: 'local', workflow: 'probeSteps', input: {}, queue: 'standard', cron: '0 2 * * *' };
  const ids = Array.from({ length: 20 }, (_, number) => `left-${number}`);
  for (const id of ids) await gateway.store.schedules.create({ id, kind: 'api', ...owned });
  const loops = [gateway, other].map(({ app, store, client }) =>
    startApplyLoop({ store, client, logger: app.log, everyMs: 100 }),
  );
  await until(async () => (await gateway.store.schedules.pending(100)).length === 0);
  await Promise.all(loops.map((loop) => loop.stop()));
  for (const id of ids) {
    expect(await gateway.store.schedules.get(id)).toMatchObject({ version: 1, appliedVersion: 1 });
    expect(await other.client.describeSchedule(id)).toMatchObject({ version: 1 });
  }
});

it('what an outage has left is written without a pause, however much it is', async () => {
  const owned = { owner: 'local', workflow: 'probeSteps', input: {}, queue: 'standard', cron: '0 2 * * *' };
  // More than one look finds.
  for (let number = 0; number < 105; number += 1)
    await gateway.store.schedules.create({ id: `many-${number}`, kind: 'api', ...owned });
  const { store, client, app } = gateway;
  const loop = startApplyLoop({ store, client, logger: app.log, everyMs: 3_600_000 });
  await until(async () => (await store.schedules.pending(1)).length === 0);
  await loop.stop();
});

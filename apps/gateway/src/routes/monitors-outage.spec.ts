import { applyPending, applySchedule } from '@fleet/activities/schedules';
import { createBlackHole } from '../testing/black-hole';
import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send } from '../testing/http';
import { MONITOR } from '../testing/monitor';

let gateway: TestGateway;
/** Beside it, on the same database: Temporal does not work for this one. */
let cutOff: TestGateway;

beforeAll(async () => {
  gateway = await createTestGateway();
  cutOff = await createTestGateway({ beside: gateway, temporalEnabled: false });
});

afterAll(async () => {
  await cutOff.close();
  await gateway.close();
});

const onTemporal = (id: string) => gateway.client.describeSchedule(`monitor/${id}`);
const spec = {
  ...MONITOR,
  owner: 'local',
  compare: 'exact',
  notify: 'always',
  email: null,
  webhookUrl: null,
  timezone: 'UTC',
  jitterSeconds: 0,
  catchupSeconds: 3600,
  runImmediately: false,
} as const;

/** What the upkeep of the fleet does. Failures are tried again later, so that each row is named once more. */
async function converge(id: string): Promise<void> {
  const { store, client } = gateway;
  await applyPending({ store, client });
  await applySchedule({ store, client }, `monitor/${id}`);
}

it('keeps a change that Temporal does not take, says so, and applies it later', async () => {
  const create = await send(cutOff.app, 'POST', '/v1/monitors', MONITOR);
  expect(create).toMatchObject({ status: 201, body: { schedule: { applied: false, next_run: null } } });
  const { id } = create.body;
  const path = `/v1/monitors/${id}`;
  await expect(onTemporal(id)).rejects.toMatchObject({ code: 'schedule_not_found' });
  expect((await send(cutOff.app, 'GET', path)).body.schedule).toEqual({ applied: false, next_run: null });
  await converge(id);
  expect((await send(gateway.app, 'GET', path)).body.schedule.applied).toBe(true);

  const changed = await send(cutOff.app, 'PATCH', path, { cron: '5 5 * * *' });
  expect(changed).toMatchObject({ status: 200, body: { cron: '5 5 * * *', schedule: { applied: false } } });
  expect((await onTemporal(id)).cron).toBe(MONITOR.cron);
  await converge(id);
  expect((await onTemporal(id)).cron).toBe('5 5 * * *');

  expect((await send(cutOff.app, 'POST', `${path}/pause`)).body).toMatchObject({ state: 'paused' });
  await converge(id);
  expect((await onTemporal(id)).paused).toBe(true);

  expect((await send(cutOff.app, 'DELETE', path)).status).toBe(204);
  expect((await onTemporal(id)).paused).toBe(true);
  await converge(id);
  await expect(onTemporal(id)).rejects.toMatchObject({ code: 'schedule_not_found' });
});

it('a process that died between Postgres and Temporal leaves rows that converge', async () => {
  const { monitors } = gateway.store;
  const { monitor } = await monitors.create(spec);
  const { id } = monitor;
  await converge(id);
  expect(await onTemporal(id)).toMatchObject({ cron: MONITOR.cron, paused: false });
  await monitors.update(id, { cron: '6 6 * * *' });
  await converge(id);
  expect((await onTemporal(id)).cron).toBe('6 6 * * *');
  await monitors.setState(id, 'active', 'paused');
  await converge(id);
  expect((await onTemporal(id)).paused).toBe(true);
  await monitors.delete(id);
  await converge(id);
  await expect(onTemporal(id)).rejects.toMatchObject({ code: 'schedule_not_found' });
  expect((await monitors.create(spec)).monitor.id).not.toBe(id);
});

it('a run that Temporal does not take is closed as failed, and the next one may come at once', async () => {
  const { id } = (await send(gateway.app, 'POST', '/v1/monitors', MONITOR)).body;
  const path = `/v1/monitors/${id}`;
  const key = { 'idempotency-key': 'the-same' };
  const refused = await send(cutOff.app, 'POST', `${path}/run`, undefined, key);
  expect(refused).toMatchObject({ status: 503, body: { code: 'temporal_disabled' } });
  const [row] = (await send(gateway.app, 'GET', `${path}/executions`)).body.executions;
  expect(row).toMatchObject({ status: 'failed', failure: { code: 'temporal_disabled' } });
  expect(row.failure.message).toMatch(/^It was not started: /);
  const again = await send(gateway.app, 'POST', `${path}/run`, undefined, key);
  expect(again.status).toBe(202);
  expect(again.body.execution_id).not.toBe(row.id);
  expect((await send(gateway.app, 'GET', path)).body).toMatchObject({ failures: 0 });
});

it('a Temporal that does not answer costs a change its next run, and a run its start', async () => {
  const hole = await createBlackHole(gateway.address);
  const waiting = await createTestGateway({ beside: gateway, temporalAddress: hole.address });
  const { id } = (await send(waiting.app, 'POST', '/v1/monitors', MONITOR)).body;
  const path = `/v1/monitors/${id}`;
  hole.swallow();
  const [changed, shown, run] = [
    await send(waiting.app, 'PATCH', path, { cron: '7 7 * * *' }),
    await send(waiting.app, 'GET', path),
    await send(waiting.app, 'POST', `${path}/run`),
  ];
  expect(changed).toMatchObject({ status: 200, body: { version: 2, schedule: { applied: false } } });
  expect(shown).toMatchObject({ status: 200, body: { cron: '7 7 * * *', schedule: { applied: false } } });
  expect(run).toMatchObject({ status: 503, body: { code: 'temporal_unavailable' } });
  const [row] = (await send(gateway.app, 'GET', `${path}/executions`)).body.executions;
  expect(row).toMatchObject({ status: 'failed', failure: { code: 'temporal_unavailable' } });
  hole.restore();
  await converge(id);
  expect((await onTemporal(id)).cron).toBe('7 7 * * *');
  await waiting.close();
  await hole.close();
}, 60_000);

import { openServer, type Server } from '@fleet/temporal-client/server';
import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send, type Answer } from '../testing/http';
import { schedulesWork } from '../testing/schedules';
import { until } from '../testing/until';
import { startWorker } from '../testing/worker';

let gateway: TestGateway;
let server: Server;

beforeAll(async () => {
  gateway = await createTestGateway();
  await schedulesWork(gateway);
  server = openServer({ env: { TEMPORAL_ADDRESS: gateway.address, TEMPORAL_NAMESPACE: gateway.namespace } });
});

afterAll(async () => {
  await server.close();
  await gateway.close();
});

const probes = { workflow: 'probeSteps', input: { steps: 1 }, cron: '0 2 * * *' };
const post = (path: string, body?: unknown) => send(gateway.app, 'POST', `/v1/schedules${path}`, body);
const get = (id: string) => send(gateway.app, 'GET', `/v1/schedules/${id}`);
const put = (id: string, body: unknown, headers?: Record<string, string>) =>
  send(gateway.app, 'PUT', `/v1/schedules/${id}`, body, headers);
const patch = (id: string, body: unknown, headers?: Record<string, string>) =>
  send(gateway.app, 'PATCH', `/v1/schedules/${id}`, body, headers);
const remove = (id: string) => send(gateway.app, 'DELETE', `/v1/schedules/${id}`);

const runsOf = async (id: string): Promise<string[]> =>
  (await get(id)).body.recent_runs.map((run: { workflow_id: string }) => run.workflow_id);
const fieldsOf = ({ body }: Answer): string[] => body.errors.map(({ field }: { field: string }) => field);

describe('a schedule', () => {
  it('is made, and on Temporal when that is answered', async () => {
    const made = await post('', { id: 'made', ...probes, timezone: 'Europe/Berlin', jitter_seconds: 30 });
    expect(made).toMatchObject({
      status: 201,
      headers: { location: '/v1/schedules/made', etag: '"1"' },
      body: {
        id: 'made',
        kind: 'api',
        owner: 'local',
        queue: 'standard',
        cron: '0 2 * * *',
        run_at: null,
        timezone: 'Europe/Berlin',
        catchup_seconds: 3600,
        paused: false,
        version: 1,
        applied: true,
        failure: null,
      },
    });
    const found = await get('made');
    expect(found).toMatchObject({ headers: { etag: '"1"' }, body: { ...made.body, recent_runs: [] } });
    expect(found.body.next_runs).toHaveLength(10);
    const { spec, policies, action } = await server.client.schedule.getHandle('made').describe();
    expect(spec).toMatchObject({ timezone: 'Europe/Berlin', jitter: 30_000 });
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 3_600_000 });
    expect(action).toMatchObject({ workflowType: 'probeSteps', args: [{ steps: 1 }], workflowId: 'made' });
    expect(await post('', { id: 'made', ...probes })).toMatchObject({
      status: 409,
      body: { code: 'schedule_exists', location: '/v1/schedules/made' },
    });
  });

  it('has its new spec and next run at once after a PUT; what is left out is the default again', async () => {
    const changed = await put('made', { ...probes, cron: '30 4 * * *' });
    expect(changed).toMatchObject({ status: 200, headers: { etag: '"2"' }, body: { version: 2, applied: true } });
    expect(changed.body).toMatchObject({ cron: '30 4 * * *', timezone: 'UTC', jitter_seconds: 0 });
    const now = await server.client.schedule.getHandle('made').describe();
    expect(now.info.nextActionTimes[0]?.toISOString()).toMatch(/T04:30:00\.000Z$/);
    expect((await get('made')).body.next_runs[0]).toBe(now.info.nextActionTimes[0]?.toISOString());
  });

  it('is changed in part, on the version that was read when If-Match says so', async () => {
    expect(await patch('made', { jitter_seconds: 60 }, { 'if-match': '"2"' })).toMatchObject({
      status: 200,
      body: { version: 3, jitter_seconds: 60, cron: '30 4 * * *', input: { steps: 1 } },
    });
    const late = await patch('made', { cron: '0 5 * * *' }, { 'if-match': '"2"' });
    expect(late).toMatchObject({
      status: 412,
      body: { code: 'schedule_changed', location: '/v1/schedules/made' },
    });
    expect(late.body.detail).toContain('version 3, not 2');
    expect(await put('made', probes, { 'if-match': '"2"' })).toMatchObject({ status: 412 });
    expect(await patch('made', { cron: '0 5 * * *' }, { 'if-match': '*' })).toMatchObject({ body: { version: 4 } });
    expect(await patch('made', { cron: '0 6 * * *' })).toMatchObject({ body: { version: 5 } });
    expect(await patch('made', { cron: '0 6 * * *' }, { 'if-match': 'W/"5"' })).toMatchObject({ status: 400 });
  });

  it('is paused and resumed, each once however often; no change of the spec ends a pause', async () => {
    const paused = await post('/made/pause', { reason: 'flood' });
    expect(paused).toMatchObject({ status: 200, body: { paused: true, note: 'flood', version: 6 } });
    expect((await get('made')).body).toMatchObject({ paused: true, next_runs: [] });
    expect((await post('/made/pause')).body).toMatchObject({ version: 6, note: 'flood' });
    expect((await put('made', probes)).body).toMatchObject({ version: 7, paused: true, note: 'flood' });
    const { state } = await server.client.schedule.getHandle('made').describe();
    expect(state).toMatchObject({ paused: true, note: 'flood' });
    expect((await post('/made/resume')).body).toMatchObject({ paused: false, note: null, version: 8 });
    expect((await post('/made/resume')).body).toMatchObject({ version: 8 });
  });

  it('starts its workflow when it is triggered', async () => {
    const worker = await startWorker(gateway);
    const run = await post('/made/trigger');
    expect(run).toMatchObject({ status: 202, headers: { location: run.body.location } });
    expect(run.body.location).toBe(`/v1/jobs/${encodeURIComponent(run.body.workflow_id)}`);
    const result = await send(gateway.app, 'GET', `${run.body.location}/result?wait=20s`);
    expect(result.body).toMatchObject({ status: 'completed' });
    expect((await get('made')).body.recent_runs).toMatchObject([{ workflow_id: run.body.workflow_id }]);
    await worker.stop();
  });

  it('makes up for missed runs, each once', async () => {
    const worker = await startWorker(gateway);
    const time = { from: '2026-01-01T02:00:00Z', to: '2026-01-03T03:00:00+01:00' };
    expect(await post('/made/backfill', time)).toMatchObject({
      status: 202,
      body: { id: 'made', from: '2026-01-01T02:00:00.000Z', to: '2026-01-03T02:00:00.000Z', overlap: 'buffer_all' },
    });
    const due = ['01', '02', '03'].map((day) => `made-2026-01-${day}T02:00:00Z`);
    await until(async () => (await runsOf('made')).length === 4);
    expect((await runsOf('made')).slice(1)).toEqual(due);
    await worker.stop();
  });

  it('that Temporal has lost is there again when it is triggered', async () => {
    await server.client.schedule.getHandle('made').delete();
    expect(await post('/made/trigger')).toMatchObject({ status: 202 });
  });

  it('is deleted, also when Temporal has lost it, and is free to be made again', async () => {
    expect(await remove('made')).toMatchObject({ status: 204, body: '' });
    expect(await remove('made')).toMatchObject({ status: 204 });
    expect(await get('made')).toMatchObject({ status: 404, body: { code: 'schedule_not_found' } });
    await expect(gateway.client.describeSchedule('made')).rejects.toMatchObject({ code: 'schedule_not_found' });
    expect(await post('', { id: 'made', ...probes, paused: true, note: 'not yet' })).toMatchObject({
      status: 201,
      body: { version: 1, paused: true, note: 'not yet', applied: true },
    });
    await server.client.schedule.getHandle('made').delete();
    expect(await post('/made/pause')).toMatchObject({ status: 200 });
    expect(await remove('made')).toMatchObject({ status: 204 });
  });

  it('may run once', async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await post('', { workflow: 'probeSteps', run_at: at });
    expect(body.id).toMatch(/^probeSteps-/);
    expect(body).toMatchObject({ cron: null, run_at: at, input: {} });
    expect((await get(body.id)).body.next_runs).toEqual([
      new Date(Math.ceil(Date.parse(at) / 1000) * 1000).toISOString(),
    ]);
    expect(await patch(body.id, { run_at: null })).toMatchObject({ status: 400 });
    expect(await patch(body.id, { cron: '0 1 * * *', run_at: null })).toMatchObject({ status: 200 });
  });
});

describe('the list', () => {
  it('has all kinds, page by page, and says whose each is', async () => {
    const owned = { owner: 'local', workflow: 'dailyMaintenance', input: {}, queue: 'scheduled', cron: '0 2 * * *' };
    await gateway.store.schedules.create({ id: 'by-code', kind: 'code', ...owned });
    await gateway.store.schedules.create({ id: 'monitor/mon_1', kind: 'monitor', ...owned });
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await send(gateway.app, 'GET', `/v1/schedules?limit=1${cursor}`);
      expect(body.schedules).toHaveLength(1);
      seen.push(body.schedules[0].id);
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
    } while (cursor !== '');
    expect(seen.slice(0, 2)).toEqual(['monitor/mon_1', 'by-code']);
    expect(new Set(seen).size).toBe(seen.length);
    const code = await send(gateway.app, 'GET', '/v1/schedules?kind=code');
    expect(code.body.schedules).toMatchObject([{ id: 'by-code', kind: 'code', applied: false }]);
    expect(await send(gateway.app, 'GET', '/v1/schedules?cursor=x')).toMatchObject({ status: 400 });
  });

  it('of code and of monitors are changed where they belong', async () => {
    const monitors = encodeURIComponent('monitor/mon_1');
    const refused = { status: 409, body: { code: 'schedule_owned' } };
    for (const answer of [
      await put(monitors, probes),
      await patch(monitors, { cron: '0 3 * * *' }),
      await remove(monitors),
      await post(`/${monitors}/pause`),
      await post(`/${monitors}/resume`),
      await post(`/${monitors}/trigger`),
      await post(`/${monitors}/backfill`, { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }),
    ]) {
      expect(answer).toMatchObject(refused);
      expect(answer.body.remedy).toContain('/v1/monitors/mon_1');
    }
    for (const answer of [
      await put('by-code', probes),
      await patch('by-code', { cron: '0 3 * * *' }),
      await remove('by-code'),
    ])
      expect(answer).toMatchObject(refused);
    expect(await post('/by-code/pause')).toMatchObject({ status: 200, body: { paused: true, applied: true } });
    expect(await post('/by-code/resume')).toMatchObject({ status: 200, body: { paused: false } });
  });
});

describe('bad input', () => {
  it.each<[unknown, string[]]>([
    [undefined, ['body']],
    [[], ['body']],
    [{}, ['workflow']],
    [{ workflow: 'probeSteps' }, ['cron']],
    [{ ...probes, cron: 'tomorrow' }, ['cron']],
    [{ ...probes, cron: '*/10 * * * * *' }, ['cron']],
    [{ ...probes, cron: '0 0 31 2 *' }, ['cron']],
    [{ ...probes, cron: 7 }, ['cron']],
    [{ ...probes, timezone: 'Mars/Olympus' }, ['timezone']],
    [{ ...probes, jitter_seconds: 3601, catchup_seconds: 599 }, ['jitter_seconds', 'catchup_seconds']],
    [{ ...probes, catchup_seconds: 31_536_001 }, ['catchup_seconds']],
    [{ ...probes, run_at: '2020-01-01T00:00:00Z' }, ['run_at']],
    [{ ...probes, run_at: 'soon' }, ['run_at']],
    [{ ...probes, id: '../x' }, ['id']],
    [{ ...probes, note: 'x'.repeat(201) }, ['note']],
    [{ ...probes, input: { steps: 'many' }, cron: 'x', unknown: 1 }, ['cron', 'unknown', 'input.steps']],
    [{ ...probes, queue: 'fast' }, ['queue']],
  ])('refuses %j', async (body, fields) => {
    const answer = await post('', body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_input']);
    expect(new Set(fieldsOf(answer))).toEqual(new Set(fields));
  });

  it('refuses what cannot be scheduled', async () => {
    expect(await post('', { ...probes, workflow: 'nothing' })).toMatchObject({ body: { code: 'unknown_workflow' } });
    expect(await post('', { ...probes, workflow: 'probe' })).toMatchObject({ body: { code: 'not_supported' } });
    const agent = { workflow: 'agent', input: { kind: 'agent', prompt: 'x' }, cron: '0 2 * * *' };
    expect((await post('', { ...probes, queue: 'nope' })).body.errors).toHaveLength(1);
    expect(await post('', { ...agent, queue: 'scheduled' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'queue' }] },
    });
    expect(await post('', { ...probes, cron: '*/10 * * * * *' })).toMatchObject({
      body: { errors: [{ rule: expect.stringContaining('The shortest interval is 60 s') as string }] },
    });
  });

  it('refuses changes and backfills that make no sense', async () => {
    await post('', { id: 'sensible', ...probes });
    for (const body of [{}, { cron: null }, { cron: 'x' }, { paused: false }, { workflow: 'agent' }, { queue: 'fast' }])
      expect([body, (await patch('sensible', body)).status]).toEqual([body, 400]);
    expect(await put('sensible', { cron: '0 2 * * *' })).toMatchObject({ status: 400 });
    const day = '2026-01-01T00:00:00Z';
    for (const body of [
      {},
      { from: day, to: '2025-12-31T00:00:00Z' },
      { from: day, to: '2999-01-01T00:00:00Z' },
      { from: day, to: '2026-01-01T01:00:00Z' },
      { from: '2020-01-01T00:00:00Z', to: day },
      { from: day, to: '2026-01-02T00:00:00Z', overlap: 'all' },
    ])
      expect([body, (await post('/sensible/backfill', body)).status]).toEqual([body, 400]);
    for (const answer of [
      await get('none'),
      await put('none', probes),
      await patch('none', { cron: '0 2 * * *' }),
      await post('/none/pause'),
      await post('/none/trigger'),
    ])
      expect(answer).toMatchObject({ status: 404, body: { code: 'schedule_not_found' } });
    expect(await post('/sensible/pause', { why: 1 })).toMatchObject({ status: 400 });
  });
});

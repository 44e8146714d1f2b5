import { ensureSchedule } from '@fleet/activities/schedules';
import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send } from '../testing/http';

const UI = 'http://127.0.0.1:8233';
const TOKEN = 'a-token-of-24-characters';
const PATHS = ['/admin/temporal/workflows', '/admin/temporal/schedules'];

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await createTestGateway({ env: { FLEET_TEMPORAL_UI_URL: UI } });
});

afterAll(() => gateway.close());

const get = (path: string, headers = {}) => send(gateway.app, 'GET', path, undefined, headers);

async function until(path: string, count: number): Promise<Record<string, unknown>[]> {
  for (;;) {
    const { body } = await get(path);
    const list = (body.workflows ?? body.schedules) as Record<string, unknown>[];
    if (list.length === count) return list;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

it('answers with empty lists, never null', async () => {
  expect(await get(PATHS[0] ?? '')).toMatchObject({ status: 200, body: { workflows: [], next_cursor: null } });
  expect(await get(PATHS[1] ?? '')).toMatchObject({ status: 200, body: { schedules: [], next_cursor: null } });
});

it('lists workflows with links, page by page', async () => {
  for (const id of ['a/1', 'a-2', 'a-3']) await gateway.client.start('probeSteps', {}, { id });
  await until('/admin/temporal/workflows', 3);
  const seen: Record<string, unknown>[] = [];
  let cursor: string | null = '';
  do {
    const next: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body } = await get(`/admin/temporal/workflows?status=running&workflow_type=probeSteps&limit=2${next}`);
    seen.push(...(body.workflows as Record<string, unknown>[]));
    cursor = body.next_cursor as string | null;
  } while (cursor !== null);
  expect(seen.map((one) => String(one['workflow_id'])).toSorted()).toEqual(['a-2', 'a-3', 'a/1']);
  const first = seen.find((one) => one['workflow_id'] === 'a/1');
  const runId = String(first?.['run_id']);
  expect(first).toEqual({
    workflow_id: 'a/1',
    run_id: runId,
    workflow_type: 'probeSteps',
    status: 'running',
    task_queue: 'standard',
    start_time: expect.stringMatching(/Z$/) as string,
    close_time: null,
    execution_time: expect.stringMatching(/Z$/) as string,
    ui_url: `${UI}/namespaces/${gateway.namespace}/workflows/a%2F1/${runId}/history`,
  });
  expect((await get('/admin/temporal/workflows?status=failed&hours=168')).body.workflows).toEqual([]);
});

it('lists schedules with their next run', async () => {
  const spec = {
    id: 'nightly',
    cron: '0 2 * * *',
    workflow: 'dailyMaintenance',
    input: {},
    queue: 'scheduled',
  } as const;
  await ensureSchedule(gateway, spec);
  const [nightly] = await until('/admin/temporal/schedules', 1);
  const next = nightly?.['next_runs'] as string[];
  expect(nightly).toMatchObject({
    schedule_id: 'nightly',
    workflow_type: 'dailyMaintenance',
    spec: { cron: ['0 2 * * *'], intervals: [], except: [], time_zone: 'UTC', jitter_seconds: 0, ends_at: null },
    paused: false,
    note: null,
    next_run: next[0],
    recent_actions: [],
    ui_url: `${UI}/namespaces/${gateway.namespace}/schedules/nightly`,
  });
  expect(next[0]).toMatch(/T02:00:00\.000Z$/);
  expect(new Date(next[0] ?? '').getTime()).toBeGreaterThan(Date.now());
  expect(nightly?.['created_at']).toMatch(/Z$/);
});

it.each([
  ['/admin/temporal/workflows?limit=201', 'limit'],
  ['/admin/temporal/workflows?hours=0', 'hours'],
  ['/admin/temporal/workflows?status=Running', 'status'],
  ['/admin/temporal/workflows?cursor=nonsense', 'cursor'],
  ['/admin/temporal/workflows?page=2', 'query'],
  ['/admin/temporal/schedules?limit=0', 'limit'],
  ['/admin/temporal/schedules?cursor=nonsense', 'cursor'],
])('refuses %s', async (path, field) => {
  const { status, body } = await get(path);
  expect([status, body.code]).toEqual([400, 'invalid_input']);
  expect(JSON.stringify(body.errors)).toContain(field === 'query' ? 'page' : field);
});

it('has no links where no UI is known', async () => {
  const other = await createTestGateway({ beside: gateway });
  const { body } = await send(other.app, 'GET', '/admin/temporal/schedules');
  await other.close();
  expect(body.schedules).toMatchObject([{ schedule_id: 'nightly', ui_url: null }]);
});

it.each(PATHS)(
  '%s is for administrators: without a token whoever is on this machine, else who has it',
  async (path) => {
    const guarded = await createTestGateway({ beside: gateway, config: { token: TOKEN } });
    expect(await send(guarded.app, 'GET', path)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    const authorization = `Bearer ${TOKEN}`;
    expect((await send(guarded.app, 'GET', path, undefined, { authorization })).status).toBe(200);
    await guarded.close();

    const somebody = await createTestGateway({ beside: gateway, principal: 'ada' });
    expect(await send(somebody.app, 'GET', path)).toMatchObject({ status: 403, body: { code: 'admin_required' } });
    expect((await send(somebody.app, 'GET', '/v1/jobs')).status).toBe(200);
    await somebody.close();
  },
);

it('says that Temporal is switched off where it is', async () => {
  const without = await createTestGateway({ beside: gateway, temporalEnabled: false });
  for (const path of PATHS) expect((await send(without.app, 'GET', path)).body.code).toBe('temporal_disabled');
  await without.close();
});

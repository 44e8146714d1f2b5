import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send } from '../testing/http';
import { MONITOR, runThrough } from '../testing/monitor';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await createTestGateway();
});

afterAll(() => gateway.close());

const get = (path: string) => send(gateway.app, 'GET', `/v1/monitors${path}`);
const run = (id: string, body?: unknown, key?: string) =>
  send(gateway.app, 'POST', `/v1/monitors/${id}/run`, body, key === undefined ? {} : { 'idempotency-key': key });

async function create(more: object = {}): Promise<string> {
  return (await send(gateway.app, 'POST', '/v1/monitors', { ...MONITOR, ...more })).body.id;
}

describe('POST /v1/monitors/{id}/run', () => {
  it('starts a run, and says where it is read', async () => {
    const id = await create();
    const { status, headers, body } = await run(id);
    const location = `/v1/monitors/${id}/executions/${body.execution_id}`;
    const workflowId = `monitor/${id}/${body.execution_id}`;
    expect([status, headers['location'], body]).toEqual([
      202,
      location,
      { execution_id: body.execution_id, workflow_id: workflowId, location },
    ]);
    const shown = await send(gateway.app, 'GET', location);
    expect(shown.body).toMatchObject({ trigger: 'manual', status: 'pending', suppress_notifications: false });
    expect(await gateway.client.describe(workflowId)).toMatchObject({ workflow: 'monitor', queue: 'scheduled' });
  });

  it('of two at once one is started, the other is told where that one is', async () => {
    const id = await create();
    const both = await Promise.all([run(id), run(id, { suppress_notifications: true })]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409]);
    const started = both.find(({ status }) => status === 202);
    const refused = both.find(({ status }) => status === 409);
    expect(refused?.body).toMatchObject({ code: 'monitor_running', location: started?.body.location });
    expect((await get(`/${id}/executions`)).body.executions).toHaveLength(1);
  });

  it('runs again once the run before has ended, also a monitor that is paused', async () => {
    const id = await create();
    await runThrough(gateway, id);
    await send(gateway.app, 'POST', `/v1/monitors/${id}/pause`);
    expect((await run(id, { suppress_notifications: true })).status).toBe(202);
    const [latest] = (await get(`/${id}/executions`)).body.executions;
    expect(latest).toMatchObject({ status: 'pending', suppress_notifications: true });
  });

  it('gives the same run for the same Idempotency-Key, and refuses another under it', async () => {
    const id = await create();
    const first = await run(id, undefined, 'key-1');
    expect(await run(id, {}, 'key-1')).toMatchObject({ status: 202, body: first.body });
    const other = await run(id, { suppress_notifications: true }, 'key-1');
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect((await run(await create(), undefined, 'key-1')).status).toBe(202);
  });

  it.each([[{ suppress_notifications: 'yes' }], [{ colour: 'red' }]])('refuses %j', async (body) => {
    const { status, body: problem } = await run(await create(), body);
    expect([status, problem.errors[0].field]).toEqual([400, Object.keys(body)[0]]);
  });

  it('refuses a key that is none', async () => {
    const { status, body } = await run(await create(), undefined, 'x'.repeat(201));
    expect([status, body.errors[0].field]).toEqual([400, 'idempotency-key']);
  });

  it('refuses a monitor that is not there', async () => {
    expect(await run('mon_none')).toMatchObject({ status: 404, body: { code: 'monitor_not_found' } });
  });
});

describe('GET /v1/monitors/{id}/executions', () => {
  it('says what each run saw, newest first, page by page', async () => {
    const id = await create();
    const rows = [await runThrough(gateway, id), await runThrough(gateway, id), await runThrough(gateway, id)];
    const first = (await get(`/${id}/executions?limit=2`)).body;
    expect(first.executions.map((each: { id: string }) => each.id)).toEqual([rows[2]?.id, rows[1]?.id]);
    expect(first.executions[0]).toMatchObject({
      status: 'success',
      summary: 'Sold out',
      state_hash: '0123456789abcdef',
      condition_met: false,
      notify: false,
      reason: 'the condition is not met',
      failure: null,
    });
    const second = (await get(`/${id}/executions?limit=2&cursor=${first.next_cursor}`)).body;
    expect([second.executions[0].id, second.next_cursor]).toEqual([rows[0]?.id, null]);
    expect((await get(`/${id}/executions?status=failed`)).body.executions).toEqual([]);
  });

  it('keeps the runs of one monitor from those of another', async () => {
    const { id: execution } = await runThrough(gateway, await create());
    const { status, body } = await get(`/${await create()}/executions/${execution}`);
    expect([status, body.code]).toEqual([404, 'execution_not_found']);
  });
});

it('GET /v1/monitors/{id}/notifications says who was told, page by page', async () => {
  const id = await create({ email: 'ada@example.com' });
  for (const address of ['first@example.com', 'second@example.com']) {
    const { id: executionId } = await runThrough(gateway, id, { conditionMet: true });
    const notice = { executionId, monitorId: id, owner: 'local', channel: 'email', address } as const;
    await gateway.store.notices.open({ ...notice, payload: (noticeId) => ({ id: noticeId }) });
  }
  const first = (await get(`/${id}/notifications?limit=1`)).body;
  expect(first.notifications).toMatchObject([
    { channel: 'email', address: 'second@example.com', status: 'pending', attempts: 0 },
  ]);
  const second = (await get(`/${id}/notifications?limit=1&cursor=${first.next_cursor}`)).body;
  expect([second.notifications[0].address, second.next_cursor]).toEqual(['first@example.com', null]);
  const { execution_id: one } = first.notifications[0];
  expect((await get(`/${id}/notifications?execution_id=${one}`)).body.notifications).toHaveLength(1);
});

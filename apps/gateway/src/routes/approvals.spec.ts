import { setTimeout as sleep } from 'node:timers/promises';
import { startApprovalWorker } from '../testing/approval-worker';
import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send } from '../testing/http';
import '../testing/worker';

let gateway: TestGateway;
let worker: { stop(): Promise<void> };

beforeAll(async () => {
  gateway = await createTestGateway();
  worker = await startApprovalWorker(gateway);
}, 120_000);

afterAll(async () => {
  await worker.stop();
  await gateway.close();
});

const get = (url: string) => send(gateway.app, 'GET', url);
const decide = (id: string, body: unknown, key?: string) =>
  send(gateway.app, 'POST', `/v1/approvals/${id}/decision`, body, key === undefined ? {} : { 'idempotency-key': key });

/** Asks, and gives the id of the request and of its workflow. */
async function ask(input: object = {}): Promise<{ id: string; workflowId: string }> {
  const request = { action: 'payments.refund', summary: 'Refund 12 €', ...input };
  const { status, body } = await send(gateway.app, 'POST', '/v1/jobs', { workflow: 'approval', input: request });
  expect(status).toBe(202);
  for (;;) {
    const { body: page } = await get(`/v1/approvals?workflow_id=${body.workflow_id}`);
    if (page.approvals.length > 0) return { id: page.approvals[0].id, workflowId: body.workflow_id };
    await sleep(50);
  }
}

describe('POST /v1/approvals/{id}/decision', () => {
  it('settles the request: the same in the answer, the workflow and the audit log', async () => {
    const { id, workflowId } = await ask({ payload: { amount: 12 } });
    const { status, body } = await decide(id, { decision: 'modify', comment: 'half of it', value: { amount: 6 } });
    expect([status, body.status]).toEqual([200, 'modified']);
    expect(body.outcome).toMatchObject({ via: 'human', by: 'local', comment: 'half of it', value: { amount: 6 } });
    const { result } = (await get(`/v1/jobs/${workflowId}/result?wait=10s`)).body;
    expect(result).toMatchObject({ approvalId: id, status: 'modified', value: { amount: 6 } });
    const shown = (await get(`/v1/approvals/${id}`)).body;
    expect(shown).toMatchObject(body);
    expect(shown.audit.map(({ event }: { event: string }) => event)).toEqual(['requested', 'settled']);
    expect(shown.audit[1].detail).toEqual(result);
  });

  it('answers the second decision with 409 that names the first', async () => {
    const { id } = await ask();
    const both = await Promise.all([decide(id, { decision: 'approve' }), decide(id, { decision: 'reject' })]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const refused = both.find(({ status }) => status === 409);
    const winner = both.find(({ status }) => status === 200);
    const location = `/v1/approvals/${id}`;
    expect(refused?.body).toMatchObject({ code: 'approval_settled', location });
    expect(refused?.body.detail).toContain(`${winner?.body.status} by local`);
    expect((await decide(id, { decision: 'approve' })).body).toMatchObject({ code: 'approval_settled', location });
  });

  it('gives the same answer again for the same Idempotency-Key, also after the end', async () => {
    const { id, workflowId } = await ask();
    const first = await decide(id, { decision: 'approve' }, 'key-1');
    expect(first.status).toBe(200);
    await get(`/v1/jobs/${workflowId}/result?wait=10s`);
    expect(await decide(id, { decision: 'approve' }, 'key-1')).toMatchObject({ status: 200, body: first.body });
    expect((await decide(id, { decision: 'approve' }, 'key-2')).status).toBe(409);
  });

  it('refuses another decision under the same Idempotency-Key: nobody may take a no for a yes', async () => {
    const { id } = await ask();
    const value = { of: [1, -0], by: 'hand' };
    expect((await decide(id, { decision: 'modify', value }, 'key-1')).status).toBe(200);
    const reordered = { by: 'hand', of: [1, 0] };
    expect((await decide(id, { decision: 'modify', value: reordered }, 'key-1')).status).toBe(200);
    for (const other of [
      { decision: 'reject' },
      { decision: 'modify', value: { of: [2], by: 'hand' } },
      { decision: 'modify', value, comment: 'x' },
    ])
      expect(await decide(id, other, 'key-1')).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });

  it('refuses a request whose texts cannot be stored before it starts', async () => {
    const input = { action: 'a\0b', summary: '\0' };
    const { status, body } = await send(gateway.app, 'POST', '/v1/jobs', { workflow: 'approval', input });
    const fields = body.errors.map(({ field }: { field: string }) => field);
    expect([status, fields]).toEqual([400, ['input.action', 'input.summary']]);
  });

  it('refuses what does not answer the request', async () => {
    const { id } = await ask({ type: 'input' });
    for (const [body, field] of [
      [{ decision: 'approve' }, 'value'],
      [{ decision: 'maybe' }, 'decision'],
      [{ decision: 'approve', by: 'eve', value: 1 }, 'by'],
    ] as const) {
      const answer = await decide(id, body);
      expect([answer.status, answer.body.errors[0].field]).toEqual([400, field]);
    }
    expect(await decide('apr_none', { decision: 'approve' })).toMatchObject({
      status: 404,
      body: { code: 'approval_not_found' },
    });
    expect((await decide(id, { decision: 'approve', value: 'blue' })).body.outcome.value).toBe('blue');
  });

  it('settles the request of a workflow that was terminated, and says so', async () => {
    const { id, workflowId } = await ask();
    await send(gateway.app, 'POST', `/v1/jobs/${workflowId}/terminate`);
    const { status, body } = await decide(id, { decision: 'approve' });
    expect([status, body.detail]).toEqual([409, expect.stringContaining('canceled by termination')]);
    expect((await get(`/v1/approvals/${id}`)).body.audit).toHaveLength(2);
  });

  it('times out by itself', async () => {
    const { id, workflowId } = await ask({ timeoutMs: 1000 });
    const { result } = (await get(`/v1/jobs/${workflowId}/result?wait=10s`)).body;
    expect(result).toMatchObject({ approvalId: id, status: 'timed_out', by: 'timeout' });
    expect((await decide(id, { decision: 'approve' })).body.detail).toContain('timed_out by timeout');
  });
});

describe('GET /v1/approvals', () => {
  it('is narrowed and goes page by page', async () => {
    const asked = [await ask(), await ask(), await ask()].map(({ id }) => id);
    const first = (await get('/v1/approvals?status=pending&type=approval&owner=local&limit=2')).body;
    expect(first.approvals.map(({ id }: { id: string }) => id)).toEqual([asked[2], asked[1]]);
    const second = (await get(`/v1/approvals?status=pending&type=approval&owner=local&cursor=${first.next_cursor}`))
      .body;
    expect(second.approvals[0].id).toBe(asked[0]);
    const elsewhere = await get(`/v1/approvals?status=approved&cursor=${first.next_cursor}`);
    expect([elsewhere.status, elsewhere.body.errors[0].field]).toEqual([400, 'cursor']);
    expect((await get('/v1/approvals?owner=nobody')).body).toEqual({ approvals: [], next_cursor: null });
  });

  it.each(['status=open', 'limit=0', 'cursor=nonsense', 'colour=red'])('refuses ?%s', async (query) => {
    const { status, body } = await get(`/v1/approvals?${query}`);
    expect([status, body.code, body.errors.length]).toEqual([400, 'invalid_input', 1]);
  });

  it('answers 404 for one that is not there', async () => {
    expect(await get('/v1/approvals/apr_none')).toMatchObject({ status: 404, body: { code: 'approval_not_found' } });
  });
});

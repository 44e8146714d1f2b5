import { randomUUID } from 'node:crypto';
import { parseSubmission } from '../submission';
import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send } from '../testing/http';
import { startWorker } from '../testing/worker';

let gateway: TestGateway;
let worker: { stop(): Promise<void> };

beforeAll(async () => {
  gateway = await createTestGateway();
  worker = await startWorker(gateway);
});

afterAll(async () => {
  await worker.stop();
  await gateway.close();
});

const post = (body: unknown, headers?: Record<string, string>) => send(gateway.app, 'POST', '/v1/jobs', body, headers);
const get = (url: string) => send(gateway.app, 'GET', url);

describe('POST /v1/jobs', () => {
  it('starts a job and says where to read it', async () => {
    const { status, headers, body } = await post({ workflow: 'probe', input: { durationMs: 0 } });
    expect(status).toBe(202);
    expect(body).toMatchObject({ workflow: 'probe', kind: 'job', queue: 'standard', warnings: [] });
    expect(headers['location']).toBe(body.location);
    const ended = await get(`${body.location}/result?wait=10s`);
    expect(ended).toMatchObject({ status: 200, body: { status: 'completed', result: { attempt: 1 } } });
  });

  it('warns and counts when nobody polls the queue', async () => {
    const { status, body } = await post({ workflow: 'probe', queue: 'background' });
    expect(status).toBe(202);
    expect(body.warnings).toEqual([{ code: 'no_poller', message: expect.stringContaining('background') as string }]);
    expect((await get('/metrics')).body).toMatch(/fleet_no_poller_total\{queue="background",app="gateway"\} 1/);
  });

  it('answers every failing field in one 400', async () => {
    const { status, headers, body } = await post({
      workflow: 'probe',
      input: { durationMs: -1, x: 1 },
      priority: 0,
      id: '',
    });
    expect(status).toBe(400);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).toMatchObject({
      type: 'urn:fleet:error:invalid_input',
      title: 'Invalid input',
      status: 400,
      code: 'invalid_input',
    });
    expect(body.errors.map(({ field }: { field: string }) => field).toSorted()).toEqual([
      'id',
      'input.durationMs',
      'input.x',
      'priority',
    ]);
    expect(body.request_id).toBe(headers['x-request-id']);
  });

  it('refuses unknown workflows and queues, naming those there are', async () => {
    const workflow = await post({ workflow: 'nope' });
    expect(workflow).toMatchObject({ status: 404, body: { code: 'unknown_workflow' } });
    expect(workflow.body.detail).toContain('probe');
    expect(await post({ workflow: 'probe', queue: 'nope' })).toMatchObject({
      status: 400,
      body: { code: 'unknown_queue' },
    });
    expect(await post({ workflow: 'cleanUpArtifacts', queue: 'high' })).toMatchObject({
      status: 400,
      body: { code: 'queue_not_allowed' },
    });
  });

  it('answers 409 with the address of the job that has the id, running or ended', async () => {
    const id = `tenant/${randomUUID()}`;
    const first = await post({ workflow: 'probe', id });
    expect(first.body.location).toBe(`/v1/jobs/${encodeURIComponent(id)}`);
    const second = await post({ workflow: 'probe', id, input: { durationMs: 5 } });
    expect(second).toMatchObject({ status: 409, body: { code: 'job_exists', location: first.body.location } });
    await get(`${first.body.location}/result?wait=10`);
    expect(await post({ workflow: 'probe', id })).toMatchObject({ status: 409, body: { code: 'job_exists' } });
    expect((await get(first.body.location)).body).toMatchObject({ workflow_id: id, owner: 'local' });
  });

  it('answers the same again for the same Idempotency-Key, and 422 for another body', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => post({ workflow: 'probe', input: {} }, headers)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body }) => `${body.workflow_id} ${body.run_id}`)).size).toBe(1);
    expect(await post({ input: {}, workflow: 'probe' }, headers)).toMatchObject({
      status: 202,
      body: answers[0]?.body,
    });
    const other = await post({ workflow: 'probe', input: { durationMs: 1 } }, headers);
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });

  it('starts a claim whose start never happened', async () => {
    const id = `crashed-${randomUUID()}`;
    const claim = { id, workflow: 'probe', kind: 'job', queue: 'standard', owner: 'local', bodySha256: 'a'.repeat(64) };
    await gateway.store.jobs.claim(claim);
    const { status, body } = await post({ workflow: 'probe', id });
    expect(status).toBe(202);
    expect(await gateway.store.jobs.find(id)).toMatchObject({ runId: body.run_id });
  });

  it('finds the job of a request that was stopped before it could note its start', async () => {
    const key = randomUUID();
    const { workflow, kind, queue, bodySha256 } = parseSubmission({ workflow: 'probe', id: `stopped-${key}` }, key);
    const claim = { id: `stopped-${key}`, workflow, kind, queue, owner: 'local', idempotencyKey: key, bodySha256 };
    await gateway.store.jobs.claim(claim);
    const { runId } = await gateway.client.start('probe', {}, { id: claim.id, queue });
    const again = await post({ workflow: 'probe', id: claim.id }, { 'idempotency-key': key });
    expect(again).toMatchObject({ status: 202, body: { run_id: runId } });
    expect(await gateway.store.jobs.find(claim.id)).toMatchObject({ runId });
  });

  it('takes one of many with the same id at once', async () => {
    const id = `race-${randomUUID()}`;
    const answers = await Promise.all(Array.from({ length: 6 }, () => post({ workflow: 'probe', id })));
    const statuses = answers.map(({ status }) => String(status)).toSorted();
    expect(statuses).toEqual(['202', '409', '409', '409', '409', '409']);
  });
});

describe('GET /v1/jobs', () => {
  it('lists by workflow, queue and status, page by page', async () => {
    await Promise.all([1, 2, 3].map(() => post({ workflow: 'probe', queue: 'scheduled' })));
    const first = await eventually(
      () => get('/v1/jobs?workflow=probe&queue=scheduled&status=running&limit=2'),
      ({ body }) => body.next_cursor,
    );
    expect(first.body.jobs).toHaveLength(2);
    expect(first.body.jobs[0]).toMatchObject({
      workflow: 'probe',
      kind: 'job',
      queue: 'scheduled',
      status: 'running',
      owner: 'local',
      closed_at: null,
    });
    const second = await get(
      `/v1/jobs?workflow=probe&queue=scheduled&status=running&limit=2&cursor=${encodeURIComponent(first.body.next_cursor)}`,
    );
    expect(second.body).toMatchObject({ jobs: [{ status: 'running' }], next_cursor: null });
    const ids = [...first.body.jobs, ...second.body.jobs].map(({ workflow_id }) => workflow_id as string);
    expect(new Set(ids).size).toBe(3);
  });

  it('has an empty list for none', async () => {
    expect(await get('/v1/jobs?workflow=dailyMaintenance')).toMatchObject({
      status: 200,
      body: { jobs: [], next_cursor: null },
    });
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=x',
    'limit=1&limit=2',
    'status=Running',
    'queue=fast',
    'workflow=x',
    'cursor=',
    'cursor=%00',
    'colour=red',
  ])('refuses ?%s', async (query) => {
    const { status, body } = await get(`/v1/jobs?${query}`);
    expect([status, body.code]).toEqual([400, 'invalid_input']);
    expect(body.errors[0].field).toBe(query.split('=')[0]);
  });
});

describe('GET /v1/jobs/{id}', () => {
  it('shows how a job failed, in the words of the error table', async () => {
    const { body: started } = await post({ workflow: 'probe', input: { durationMs: 599_999 } });
    const { status, body } = await get(`${started.location}/result?wait=10s`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'failed', failure: { code: 'invalid_csv', retryable: false } });
    const { body: job } = await get(started.location);
    expect(job).toMatchObject({ status: 'failed', failure: { code: 'invalid_csv' }, result: null });
    expect(job.duration_ms).toBeGreaterThanOrEqual(0);
  });

  it('answers 202 for a result that is not there, after the wait', async () => {
    const { body: started } = await post({ workflow: 'probe', queue: 'background' });
    const before = Date.now();
    const { status, headers, body } = await get(`${started.location}/result?wait=500ms`);
    expect(Date.now() - before).toBeGreaterThanOrEqual(450);
    expect(Date.now() - before).toBeLessThan(3000);
    expect([status, headers['retry-after'], body.status]).toEqual([202, '1', 'running']);
  });

  it.each(['61', '61s', '60001ms', '-1', '1m', 's', ''])('refuses wait=%s', async (wait) => {
    const { status, body } = await get(`/v1/jobs/x/result?wait=${wait}`);
    expect(status).toBe(400);
    expect(body.errors).toEqual([expect.objectContaining({ field: 'wait' })]);
  });

  it.each(['', '/result', '/history'])('answers 404 for an unknown id at %s', async (tail) => {
    expect(await get(`/v1/jobs/no%2Fsuch${tail}`)).toMatchObject({ status: 404, body: { code: 'job_not_found' } });
  });

  it('has the history of a workflow, page by page', async () => {
    const { body: started } = await post({ workflow: 'probeSteps', input: { steps: 1 } });
    expect(await get(`${started.location}/result?wait=20s`)).toMatchObject({ body: { status: 'completed' } });
    const { body: first } = await get(`${started.location}/history?limit=3`);
    const { length } = first.events;
    expect(length).toBeLessThan(10);
    expect(first.events[0]).toMatchObject({ event_id: 1, type: 'WorkflowExecutionStarted' });
    const { body: rest } = await get(
      `${started.location}/history?limit=200&cursor=${encodeURIComponent(first.next_cursor)}`,
    );
    expect(rest.events[0].event_id).toBe(length + 1);
    expect([...first.events, ...rest.events]).toContainEqual(
      expect.objectContaining({ type: 'ActivityTaskScheduled', name: 'probe' }),
    );
    expect(rest.next_cursor).toBeNull();
  });
});

async function eventually<T>(work: () => Promise<T>, done: (value: T) => unknown): Promise<T> {
  const end = Date.now() + 15_000;
  for (;;) {
    const value = await work();
    if (done(value) || Date.now() > end) return value;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

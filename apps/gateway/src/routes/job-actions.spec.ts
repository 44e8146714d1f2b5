import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send, type Answer } from '../testing/http';
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

const act = (location: string, action: string, body?: unknown) =>
  send(gateway.app, 'POST', `${location}/${action}`, body);
const get = (url: string) => send(gateway.app, 'GET', url);

async function start(workflow: string, input: object, id?: string): Promise<string> {
  const { body } = await send(gateway.app, 'POST', '/v1/jobs', {
    workflow,
    input,
    ...(id === undefined ? {} : { id }),
  });
  return body.location as string;
}

function ended(location: string): Promise<Answer> {
  return get(`${location}/result?wait=20s`);
}

describe('cancel and terminate', () => {
  it('cancel ends a running job', async () => {
    const location = await start('probe', { durationMs: 60_000 }, 'tenant/7:cancel');
    expect(await act(location, 'cancel', { reason: 'not needed' })).toMatchObject({
      status: 202,
      body: { workflow_id: 'tenant/7:cancel', location },
    });
    expect(await ended(location)).toMatchObject({ status: 200, body: { status: 'canceled' } });
  });

  it('terminate ends a workflow that nobody works on', async () => {
    const { body } = await send(gateway.app, 'POST', '/v1/jobs', { workflow: 'probeSteps', queue: 'background' });
    expect((await act(body.location, 'terminate')).status).toBe(202);
    expect(await ended(body.location)).toMatchObject({ status: 200, body: { status: 'terminated' } });
  });

  it('answers 409 for a job that has ended and 404 for none', async () => {
    const location = await start('probe', {});
    await ended(location);
    for (const action of ['cancel', 'terminate']) {
      expect(await act(location, action)).toMatchObject({ status: 409, body: { code: 'job_closed', location } });
      expect(await act('/v1/jobs/nope', action)).toMatchObject({ status: 404, body: { code: 'job_not_found' } });
    }
  });

  it('takes an empty body with a content type, and refuses other fields', async () => {
    const empty = await gateway.app.inject({
      method: 'POST',
      url: '/v1/jobs/nope/cancel',
      headers: { 'content-type': 'application/json' },
    });
    expect(empty.statusCode).toBe(404);
    const { status, body } = await act('/v1/jobs/nope', 'cancel', { reason: '', because: 1 });
    expect(status).toBe(400);
    expect(body.errors.map(({ field }: { field: string }) => field).toSorted()).toEqual(['because', 'reason']);
  });
});

describe('signal and query', () => {
  it('answers the progress query of a running workflow', async () => {
    const location = await start('probeSteps', { steps: 1, durationMs: 1500 });
    const { status, body } = await get(`${location}/query/progress`);
    expect([status, body.result]).toEqual([200, { step: 'probe', completed: 0, total: 1 }]);
    expect((await get(location)).body).toMatchObject({ status: 'running', progress: { total: 1 } });
    await ended(location);
  });

  it('names the queries and signals there are', async () => {
    const location = await start('probeSteps', { steps: 0 });
    await ended(location);
    const query = await get(`${location}/query/nope`);
    expect(query).toMatchObject({ status: 404, body: { code: 'unknown_query' } });
    expect(query.body.detail).toContain('progress');
    const running = await send(gateway.app, 'POST', '/v1/jobs', { workflow: 'probeSteps', queue: 'background' });
    expect(await act(running.body.location, 'signal/nope', { args: [1] })).toMatchObject({
      status: 404,
      body: { code: 'unknown_signal' },
    });
  });

  it('says that a job has neither', async () => {
    const location = await start('probe', {});
    expect(await act(location, 'signal/stop')).toMatchObject({ status: 400, body: { code: 'not_supported' } });
    expect(await get(`${location}/query/progress`)).toMatchObject({ status: 400, body: { code: 'not_supported' } });
  });

  it('refuses arguments that are no list', async () => {
    expect(await act('/v1/jobs/x', 'signal/stop', { args: 'now' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'args' }] },
    });
  });
});

describe('retry', () => {
  it.each([
    ['probe', { durationMs: 1 }],
    ['probeSteps', { steps: 1, durationMs: 1 }],
  ])('runs an ended %s again with the same input', async (workflow, input) => {
    const location = await start(workflow, input);
    const first = (await ended(location)).body;
    const { status, body } = await act(location, 'retry', {});
    expect([status, body.workflow]).toEqual([202, workflow]);
    expect(await ended(body.location)).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect((await get(body.location)).body.run_id).toBe(body.run_id);
    expect(first.status).toBe('completed');
  });

  it('refuses a job that still runs', async () => {
    const { body } = await send(gateway.app, 'POST', '/v1/jobs', { workflow: 'probe', queue: 'background' });
    expect(await act(body.location, 'retry')).toMatchObject({
      status: 409,
      body: { code: 'job_not_closed', location: body.location },
    });
  });
});

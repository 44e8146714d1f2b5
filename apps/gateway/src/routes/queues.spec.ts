import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send } from '../testing/http';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await createTestGateway();
});

afterAll(() => gateway.close());

const get = (url: string) => send(gateway.app, 'GET', url);
const patch = (name: string, body: unknown) => send(gateway.app, 'PATCH', `/v1/queues/${name}`, body);

describe('queues', () => {
  it('shows the four queues with settings, rate and load', async () => {
    const { status, body } = await get('/v1/queues');
    expect(status).toBe(200);
    expect(body.queues.map(({ name }: { name: string }) => name)).toEqual([
      'high',
      'standard',
      'background',
      'scheduled',
    ]);
    expect(body.queues[0]).toMatchObject({
      paused: false,
      workers: 0,
      settings: { activity_slots: 50, max_workers: 5 },
      workflows: { pollers: 0, backlog: 0 },
    });
  });

  it('sets a rate, pauses, and gives it back', async () => {
    const slow = await patch('background', { rate: 0.5, reason: 'provider is slow' });
    expect(slow).toMatchObject({
      status: 200,
      body: {
        name: 'background',
        paused: false,
        rate: { per_second: 0.5, set_by: 'operator', reason: expect.stringContaining('provider is slow') as string },
      },
    });
    expect(await patch('background', { rate: 0 })).toMatchObject({
      status: 200,
      body: { paused: true, rate: { per_second: 0 } },
    });
    expect((await get('/v1/queues/background')).body).toMatchObject({ paused: true, rate: { set_by: 'operator' } });
    expect(await patch('background', { rate: null })).toMatchObject({ status: 200, body: { paused: false } });
  });

  it.each([
    [{}],
    [{ rate: -1 }],
    [{ rate: 1001 }],
    [{ rate: '5' }],
    [{ rate: 5, reason: 'x'.repeat(201) }],
    [[]],
    ['x'],
  ])('refuses %j', async (body) => {
    expect(await patch('high', body)).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
  });

  it('refuses a queue that does not exist', async () => {
    expect(await patch('fast', { rate: 1 })).toMatchObject({ status: 400, body: { code: 'unknown_queue' } });
    expect(await get('/v1/queues/toString')).toMatchObject({ status: 400, body: { code: 'unknown_queue' } });
  });

  it('has an empty list of workers for none', async () => {
    expect(await get('/v1/workers')).toMatchObject({ status: 200, body: { workers: [] } });
  });
});

describe('GET /v1/workflows', () => {
  it('shows the registry with JSON schemas', async () => {
    const { body } = await get('/v1/workflows');
    const image = body.workflows.find(({ name }: { name: string }) => name === 'generateImage');
    expect(image).toMatchObject({ kind: 'workflow', queue: 'high', allowed_queues: ['high', 'standard'], retry: null });
    expect(image.input_schema).toMatchObject({ type: 'object', required: ['prompt'], additionalProperties: false });
    expect(image.output_schema.properties).toHaveProperty('image');
  });
});

import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send } from '../testing/http';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await createTestGateway();
});

afterAll(() => gateway.close());

const get = (url: string) => send(gateway.app, 'GET', url);

describe('health', () => {
  it('lives and is ready', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await get('/readyz')).toMatchObject({
      status: 200,
      body: { status: 'ready', environment: 'development', temporal: { ok: true }, store: { ok: true } },
    });
  });

  it('measures requests by route template, and says that Temporal is up', async () => {
    await get('/v1/jobs/some-id');
    const { body, headers } = await get('/metrics');
    expect(headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(body).toMatch(/fleet_http_request_duration_seconds_count\{[^}]*route="\/v1\/jobs\/:id"[^}]*\} 1/);
    expect(body).not.toContain('some-id');
    expect(body).toMatch(/temporal_up\{[^}]*\} 1/);
    expect(body).toMatch(/temporal_task_queue_depth\{queue_name="high",[^}]*\} 0/);
  });

  it('is not ready, but alive and answering, once it drains; waiting requests end', async () => {
    const other = await createTestGateway();
    try {
      const { body } = await send(other.app, 'POST', '/v1/jobs', { workflow: 'probe' });
      const waiting = send(other.app, 'GET', `${body.location}/result?wait=60s`);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const before = Date.now();
      other.lifecycle.drain();
      expect(await waiting).toMatchObject({ status: 202, body: { status: 'running' } });
      expect(Date.now() - before).toBeLessThan(1000);
      expect(await send(other.app, 'GET', '/readyz')).toMatchObject({ status: 503, body: { status: 'draining' } });
      expect((await send(other.app, 'GET', '/healthz')).status).toBe(200);
    } finally {
      await other.close();
    }
  });
});

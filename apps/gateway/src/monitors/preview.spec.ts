import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseAllowList } from '@fleet/url-guard';
import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send } from '../testing/http';
import { MONITOR } from '../testing/monitor';
import { startPreviewWorker } from '../testing/preview-worker';
import '../testing/worker';
import { previewMonitor } from './preview';

let page: Server;
let url: string;
let gateway: TestGateway;
let worker: { stop(): Promise<void> } | undefined;

beforeAll(async () => {
  page = createServer((request, response) => {
    response.writeHead(request.url === '/gone' ? 404 : 200, { 'content-type': 'text/html' });
    response.end('<h1>The play</h1><p>All tickets are sold out.</p>');
  });
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(page.address() as AddressInfo).port}`;
  url = `http://${address}/`;
  gateway = await createTestGateway({ config: { monitorAllow: parseAllowList(address, 'FLEET_MONITOR_ALLOW') } });
}, 60_000);

afterAll(async () => {
  await worker?.stop();
  await gateway.close();
  page.close();
});

const search = (more: object = {}) => ({ provider: 'http', urls: [url], contains: 'sold out', ...more }) as const;
const preview = (more: object) =>
  send(gateway.app, 'POST', '/v1/monitors/preview', { ...MONITOR, search: search(), ...more });

it('is given up, and the job with it, when no worker does it in time', async () => {
  const { query, condition } = MONITOR;
  const { client, lifecycle } = gateway;
  const asked = previewMonitor({ client, lifecycle, owner: 'local' }, { query, condition, search: search() }, 300);
  await expect(asked).rejects.toMatchObject({ code: 'preview_timed_out', status: 504 });
  const { items } = await client.list({ workflow: 'previewMonitor' });
  expect(items.map(({ status }) => status)).not.toContain('completed');
});

describe('with a worker', () => {
  beforeAll(async () => {
    worker = await startPreviewWorker(gateway, { FLEET_MONITOR_ALLOW: new URL(url).host });
  }, 60_000);

  it('says what a monitor would see, and keeps nothing', async () => {
    const { status, body } = await preview({});
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ condition_met: true, state_hash: expect.stringMatching(/^[0-9a-f]{16}$/) as string }),
    ]);
    expect(body.state).toContain('All tickets are sold out.');
    expect((await preview({ name: undefined, search: search({ contains: 'available' }) })).body.condition_met).toBe(
      false,
    );
    expect((await send(gateway.app, 'GET', '/v1/monitors')).body.monitors).toEqual([]);
  });

  it('fails as the search did', async () => {
    const { status, body } = await preview({ search: search({ urls: [`${url}gone`] }) });
    expect([status, body.code]).toEqual([422, 'page_refused']);
    expect(body.detail).toContain('404');
  });

  it('is checked as a monitor is', async () => {
    for (const [broken, field] of [
      [{ query: 'short' }, 'query'],
      [{ cron: 'x' }, 'cron'],
      [{ search: search({ urls: ['http://10.0.0.1/'] }) }, 'search.urls[0]'],
      [{ webhook_url: 'http://10.0.0.1/' }, 'webhook_url'],
    ] as const) {
      const { status, body } = await preview(broken);
      expect([status, body.errors[0].field]).toEqual([400, field]);
    }
  });
});

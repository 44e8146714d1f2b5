import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { Fleet, pause, ROOT } from './fleet';

let fleet: Fleet;
let page: Server;
let pageUrl: string;
let examplePort: number;
let price = 12;

beforeAll(async () => {
  page = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<p>The price is ${price}.</p>`);
  });
  await new Promise<void>((done) => page.listen(0, '127.0.0.1', done));
  const { port } = page.address() as AddressInfo;
  pageUrl = `http://127.0.0.1:${port}/`;
  examplePort = await freePort();
  fleet = await Fleet.up({ env: { FLEET_MONITOR_ALLOW: `127.0.0.1:${port}, 127.0.0.1:${examplePort}` } });
}, 300_000);

afterAll(async () => {
  await fleet.remove();
  page.close();
}, 120_000);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function command(...args: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    FLEET_GATEWAY_URL: fleet.url,
    FLEET_STATE_DIR: fleet.stateDir,
    FLEET_PORT_OFFSET: String(fleet.portOffset),
    EXAMPLE_PORT: String(examplePort),
    NO_COLOR: '1',
  };
  return (await promisify(execFile)(process.execPath, args, { cwd: ROOT, env })).stdout;
}

const cli = (...args: readonly string[]): Promise<string> => command('tools/fleet/bin/fleet.mjs', ...args);

it('examples/monitor.ts: a page changes, and one notice arrives', async () => {
  const said = await command('--import', 'tsx', 'examples/monitor.ts');
  expect(said).toMatch(/^12 €: success, /m);
  expect(said).toMatch(/^9 €: success, /m);
  expect(said).toMatch(/^notice of "The lamp": /m);
  expect(said).toMatch(/^1 notice$/m);
}, 120_000);

interface Monitor {
  readonly id: string;
}

it('a schedule runs it, the mail is caught, the command line reads it, and a deleted monitor leaves nothing', async () => {
  const { id } = (await fleet.post('/v1/monitors', {
    name: 'Prices of lamps',
    query: 'the price on this page',
    condition: 'the price has changed',
    search: { provider: 'http', urls: [pageUrl] },
    email: 'ada@example.com',
    cron: '* * * * *',
  })) as Monitor;
  const runs = async (): Promise<{ status: string; trigger: string; notify: boolean | null }[]> =>
    (
      await fleet.get<{ executions: { status: string; trigger: string; notify: boolean | null }[] }>(
        `/v1/monitors/${id}/executions`,
      )
    ).executions;
  await fleet.until(
    'run by its schedule',
    async () => (await runs()).some(({ status }) => status === 'success'),
    90_000,
  );
  price = 9;
  await cli('monitors', 'run', id, '--wait');
  await fleet.until('mail caught', async () => (await cli('mail', 'list')).includes('ada@example.com'), 60_000);
  const told = await fleet.get<{ notifications: { channel: string; status: string; attempts: number }[] }>(
    `/v1/monitors/${id}/notifications`,
  );
  expect(told.notifications).toMatchObject([{ channel: 'email', attempts: 1 }]);
  expect(JSON.parse(await cli('mail', 'list', '--json'))).toHaveLength(1);
  expect((await runs()).map(({ trigger }) => trigger)).toContain('schedule');
  expect(await cli('schedules', 'list')).toContain(`monitor/${id}`);
  expect((await fleet.request('DELETE', `/v1/monitors/${id}`).catch(() => ({ status: 204 }))).status).toBe(204);
  expect(await cli('schedules', 'list')).not.toContain(id);
  // Temporal's own list lags behind a little.
  await pause(500);
  const found = JSON.parse(await cli('reconcile', '--dry-run', '--json')) as { result: { schedules: object } };
  const nothing = { count: 0, ids: [] };
  expect(found.result).toMatchObject({
    schedules: { orphans: nothing, missing: nothing, withoutMonitor: nothing },
    monitors: { withoutSchedule: nothing },
  });
}, 300_000);

it('the reconciler has run at the start', async () => {
  const { jobs } = await fleet.get<{ jobs: { workflow: string; status: string }[] }>('/v1/jobs?workflow=reconcile');
  expect(jobs.filter(({ status }) => status === 'completed').length).toBeGreaterThan(1);
});

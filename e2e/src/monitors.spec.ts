import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { Fleet, ROOT } from './fleet';

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
    // Its schedule runs it now: no minute has to pass.
    cron: '0 8 * * *',
    run_immediately: true,
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
  const { mail } = JSON.parse(await cli('mail', 'list', '--json')) as { mail: readonly { subject: string }[] };
  expect(mail).toMatchObject([{ subject: 'Condition met: Prices of lamps' }]);
  expect((await runs()).map(({ trigger }) => trigger)).toContain('schedule');
  expect(await cli('schedules', 'list')).toContain(`monitor/${id}`);
  expect((await fetch(`${fleet.url}/v1/monitors/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect(await cli('schedules', 'list')).not.toContain(id);
  // Temporal's own list lags behind a little.
  await fleet.until('reconciled', async () => {
    const answer = await cli('reconcile', '--dry-run', '--json');
    const { result } = JSON.parse(answer) as { result: { schedules: { orphans: { count: number } } } };
    return result.schedules.orphans.count === 0;
  });
}, 300_000);

it('the reconciler has run at the start', async () => {
  const { jobs } = await fleet.get<{ jobs: { workflow_id: string; status: string }[] }>('/v1/jobs?workflow=reconcile');
  // The one that was asked for above is the other.
  expect(jobs.some(({ workflow_id: id, status }) => id.startsWith('hourly-reconcile') && status === 'completed')).toBe(
    true,
  );
});

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApps } from '@fleet/fleet-cli/build';
import { startPostgres } from '@fleet/fleet-cli/services/postgres';
import { startTemporal } from '@fleet/fleet-cli/services/temporal';
import { migrate } from '@fleet/store';
import { openFleetClient, type FleetClient } from '@fleet/temporal-client';
import { pause, ROOT } from '../fleet';
import { startSilentProxy } from '../silent-proxy';

const PORT = 26_000 + (process.pid % 400) * 10;
const [TEMPORAL, UI, POSTGRES, HEALTH] = [PORT, PORT + 1, PORT + 2, PORT + 3];
const onLine = (): void => undefined;

let stateDir: string;
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let client: FleetClient;
const children: ChildProcess[] = [];

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'fleet-e2e-worker-'));
  await buildApps();
  postgres = await startPostgres({ stateDir, port: POSTGRES, onLine });
  await migrate(postgres.url);
  client = openFleetClient({ env: { TEMPORAL_ADDRESS: `127.0.0.1:${TEMPORAL}` } });
}, 120_000);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await client.close();
  await postgres.stop();
  rmSync(stateDir, { recursive: true, force: true });
}, 60_000);

interface WorkerProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  stderr: string;
}

function startWorker(env: Readonly<Record<string, string>> = {}): WorkerProcess {
  const variables = {
    ...process.env,
    TEMPORAL_ADDRESS: `127.0.0.1:${TEMPORAL}`,
    DATABASE_URL: postgres.url,
    FLEET_STANDARD_HEALTH_PORT: String(HEALTH),
    ...env,
  };
  const child = spawn('node', ['apps/worker-standard/dist/main.js'], {
    cwd: ROOT,
    env: variables,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  const worker: WorkerProcess = { child, ended: new Promise((done) => child.once('exit', done)), stderr: '' };
  child.stderr.on('data', (text) => (worker.stderr += String(text)));
  return worker;
}

async function get(path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${HEALTH}${path}`, { signal: AbortSignal.timeout(3000) });
  return { status: response.status, text: await response.text() };
}

async function until(what: string, condition: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not ${what} within ${withinMs} ms`);
    await pause(100);
  }
}

const temporalUp = async (): Promise<string | undefined> =>
  /^temporal_up\{.*\} (\d)$/m.exec((await get('/metrics')).text)?.[1];

it('starts before Temporal, is not ready but alive, and works within 30 s of its coming; the gauge follows both ways', async () => {
  const worker = startWorker();
  await until('listening', async () => (await get('/healthz')).status === 200, 10_000);
  await pause(2000);
  expect([(await get('/healthz')).status, (await get('/readyz')).status, await temporalUp()]).toEqual([200, 503, '0']);
  const temporal = await startTemporal({ stateDir, port: TEMPORAL, uiPort: UI, namespace: 'default', onLine });
  const startedAt = Date.now();
  const { id } = await client.start('probeSteps', { steps: 1 });
  expect((await client.result(id, { waitMs: 30_000 })).status).toBe('completed');
  expect(Date.now() - startedAt).toBeLessThan(30_000);
  await until('ready', async () => (await get('/readyz')).status === 200 && (await temporalUp()) === '1', 5000);

  await temporal.stop();
  await until('not ready', async () => (await get('/readyz')).status === 503 && (await temporalUp()) === '0', 10_000);
  expect((await get('/healthz')).status).toBe(200);
  const again = await startTemporal({ stateDir, port: TEMPORAL, uiPort: UI, namespace: 'default', onLine });
  await until('ready again', async () => (await get('/readyz')).status === 200, 15_000);

  // A second SIGTERM does not wait for the drain.
  const long = await client.start('probe', { durationMs: 30_000 });
  await until(
    'working',
    async () => (await client.workers()).some(({ activitySlotsUsed }) => activitySlotsUsed === 1),
    10_000,
  );
  worker.child.kill('SIGTERM');
  await pause(500);
  expect([(await get('/readyz')).status, worker.child.exitCode]).toEqual([503, null]);
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(1);
  await client.terminate(long.id);
  await again.stop();
}, 180_000);

it('a drain that has to be forced ends with 1, in one line that says so', async () => {
  const temporal = await startTemporal({ stateDir, port: TEMPORAL, uiPort: UI, namespace: 'default', onLine });
  const proxy = await startSilentProxy(POSTGRES);
  const url = new URL(postgres.url);
  url.port = String(proxy.port);
  const worker = startWorker({
    DATABASE_URL: url.href,
    FLEET_STANDARD_DRAIN_SECONDS: '1',
    FLEET_STANDARD_FORCE_SECONDS: '3',
  });
  await until('ready', async () => (await get('/readyz')).status === 200, 30_000);
  // An activity that waits for a database gone silent does not hear its signal.
  proxy.fallSilent();
  await client.start('analyzeData', { artifactId: 'art_00000000000000000000' });
  await until(
    'working',
    async () => (await client.workers()).some(({ activitySlotsUsed }) => activitySlotsUsed === 1),
    10_000,
  );
  worker.child.kill('SIGTERM');
  const code = await worker.ended;
  await Promise.all([proxy.close(), temporal.stop()]);
  expect(code).toBe(1);
  expect(worker.stderr).toMatch(/^worker_failed: The worker of standard .*it had not drained after 3 s.*\n$/);
}, 90_000);

it('SIGTERM while it waits for Temporal is a clean end', async () => {
  const worker = startWorker();
  await until('listening', async () => (await get('/healthz')).status === 200, 10_000);
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
}, 30_000);

describe('what keeps it from starting is one line that names it, and exit 1 within 5 s', () => {
  const cases: readonly [what: string, env: Record<string, string>, named: RegExp][] = [
    ['a bad cell', { FLEET_STANDARD_ACTIVITY_SLOTS: 'many' }, /FLEET_STANDARD_ACTIVITY_SLOTS.*"many"/],
    ['an unknown cell', { FLEET_STANDARD_SLOTS: '3' }, /FLEET_STANDARD_.*SLOTS/],
    ['a bad address', { TEMPORAL_ADDRESS: 'nowhere' }, /TEMPORAL_ADDRESS/],
    [
      'an unreadable certificate',
      { TEMPORAL_TLS_CLIENT_CERT_PATH: '/no/such.pem', TEMPORAL_TLS_CLIENT_KEY_PATH: '/no/such.key' },
      /\/no\/such\.pem/,
    ],
    ['no database', { DATABASE_URL: '' }, /DATABASE_URL/],
    ['an address of another machine', { FLEET_HOST: '192.0.2.1' }, /FLEET_HOST.*192\.0\.2\.1/],
    ['a bad renderer', { FLEET_IMAGE_RENDERER: 'crayon' }, /FLEET_IMAGE_RENDERER.*crayon/],
    ['a word that could never match', { FLEET_CONTENT_DENY: 'fine,!!' }, /FLEET_CONTENT_DENY.*!!/],
    ['a bad log level', { FLEET_LOG_LEVEL: 'loud' }, /FLEET_LOG_LEVEL.*"loud"/],
  ];
  it.each(cases)('%s', async (_what, env, named) => {
    const startedAt = Date.now();
    const worker = startWorker(env);
    expect(await worker.ended).toBe(1);
    expect(Date.now() - startedAt).toBeLessThan(5000);
    expect(worker.stderr).toMatch(named);
    expect(worker.stderr.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    ['a wrong password', (url: URL) => (url.password = 'wrong'), /database_refused.*password.*DATABASE_URL/],
    [
      'a database that does not exist',
      (url: URL) => (url.pathname = '/none'),
      /database_refused.*"none".*DATABASE_URL/,
    ],
  ])('%s', async (_what, change, named) => {
    const url = new URL(postgres.url);
    change(url);
    const worker = startWorker({ DATABASE_URL: url.href });
    expect(await worker.ended).toBe(1);
    expect(worker.stderr).toMatch(named);
    expect(worker.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('a port in use', async () => {
    const taken = createServer().listen(HEALTH, '127.0.0.1');
    const worker = startWorker();
    expect(await worker.ended).toBe(1);
    expect(worker.stderr).toMatch(new RegExp(`${HEALTH}.*FLEET_STANDARD_HEALTH_PORT`));
    await new Promise((done) => taken.close(done));
  });
});

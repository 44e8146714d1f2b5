import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { startStandInProvider } from '@fleet/stand-in-provider';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import { bundleGateway, originOf, type BundledGateway, type GatewayProcess } from './testing/gateway-process';
import { until } from './testing/until';

const TEMPORAL_ADDRESS = process.env['FLEET_TEST_TEMPORAL_ADDRESS'] ?? '';
let database: TestDatabase;
let bundle: BundledGateway;

beforeAll(async () => {
  [bundle, database] = await Promise.all([bundleGateway(), createTestDatabase()]);
});

afterAll(async () => {
  bundle.remove();
  await database.drop();
});

const run = (env: Record<string, string>, preload?: readonly string[]): GatewayProcess =>
  bundle.run({ DATABASE_URL: database.url, TEMPORAL_ADDRESS, ...env }, preload);

describe('a gateway that cannot start', () => {
  const bad: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    ['a bad variable', { FLEET_GATEWAY_PORT: 'x' }, /FLEET_GATEWAY_PORT must be .* got "x"/],
    ['no token', { FLEET_HOST: '0.0.0.0' }, /Binding to 0\.0\.0\.0 without FLEET_API_TOKEN/],
    ['no database', { DATABASE_URL: '' }, /DATABASE_URL must be a postgres:\/\/ URL/],
    [
      'an address of another machine',
      { FLEET_HOST: '192.0.2.1', FLEET_API_TOKEN: 'x'.repeat(16) },
      /FLEET_HOST must be an address of this machine/,
    ],
    ['a bad switch', { FLEET_TEMPORAL_ENABLED: 'no' }, /FLEET_TEMPORAL_ENABLED must be true or false, got "no"/],
    ['no file of models', { FLEET_MODELS: '/no/such.json' }, /FLEET_MODELS.*\/no\/such\.json/],
    ['a bad log level', { FLEET_LOG_LEVEL: 'loud' }, /FLEET_LOG_LEVEL/],
  ];

  it.each(bad)('says one line and exits 1 within 5 s: %s', async (_name, env, line) => {
    await expectOneLine(run(env), line);
  });

  it('says so of a port in use', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as AddressInfo;
    await expectOneLine(
      run({ FLEET_GATEWAY_PORT: String(port) }),
      new RegExp(`Port ${port}, wanted by the gateway, is in use.*FLEET_GATEWAY_PORT`),
    );
    other.close();
  });

  it('says so of a certificate it cannot read', async () => {
    const path = '/no/such/certificate.pem';
    await expectOneLine(
      run({ TEMPORAL_TLS_CLIENT_CERT_PATH: path, TEMPORAL_TLS_CLIENT_KEY_PATH: path }),
      /certificate\.pem/,
    );
  });
});

async function expectOneLine(gateway: GatewayProcess, line: RegExp): Promise<void> {
  const { code, ms } = await gateway.exit;
  expect(gateway.err()).toMatch(line);
  expect([gateway.err().trimEnd().split('\n').length, code]).toEqual([1, 1]);
  expect(ms).toBeLessThan(5000);
}

/** A chat with a key, so that it can be asked again. */
function ask(origin: string): Promise<Response> {
  return fetch(`${origin}/v1/chat`, {
    method: 'POST',
    body: JSON.stringify({ request: { messages: [{ role: 'user', content: 'Will this be answered?' }] } }),
    headers: { 'content-type': 'application/json', 'idempotency-key': 'survives-1' },
  });
}

describe('a gateway that runs', () => {
  it('loads neither the native worker nor sharp', async () => {
    const gateway = run({}, [resolve(__dirname, 'testing/report-modules.cjs')]);
    const origin = await originOf(gateway);
    expect((await fetch(`${origin}/v1/jobs`)).status).toBe(200);
    gateway.child.kill('SIGTERM');
    expect((await gateway.exit).code).toBe(0);
    const { modules, native } = JSON.parse(/MODULES (.+)/.exec(gateway.err())?.[1] ?? '{}') as {
      modules: string[];
      native: string[];
    };
    expect(modules.length).toBeGreaterThan(100);
    expect(
      [...bundle.files, ...modules, ...native].filter((path) =>
        /core-bridge|@temporalio\/worker|sharp|libvips/.test(path),
      ),
    ).toEqual([]);
  });

  it('drains on SIGTERM: finishes what it has, ends waits, exits 0', async () => {
    const gateway = run({});
    const origin = await originOf(gateway);
    const submitted = await fetch(`${origin}/v1/jobs`, {
      method: 'POST',
      body: '{"workflow":"probe"}',
      headers: { 'content-type': 'application/json' },
    });
    const { location } = (await submitted.json()) as { location: string };
    const waiting = fetch(`${origin}${location}/result?wait=60s`);
    await new Promise((done) => setTimeout(done, 300));
    const before = Date.now();
    gateway.child.kill('SIGTERM');
    expect((await waiting).status).toBe(202);
    expect((await gateway.exit).code).toBe(0);
    expect(Date.now() - before).toBeLessThan(5000);
  });

  it('exits within 10 s however long an upload takes, and at once on a second signal', async () => {
    const [patient, hurried] = [run({}), run({})];
    const origins = await Promise.all([originOf(patient), originOf(hurried)]);
    for (const origin of origins) {
      const body = new ReadableStream({ pull: () => new Promise(() => undefined) });
      const headers = { 'content-type': 'text/csv' };
      fetch(`${origin}/v1/artifacts`, { method: 'POST', body, headers, duplex: 'half' }).catch(() => undefined);
    }
    await new Promise((done) => setTimeout(done, 300));
    const before = Date.now();
    patient.child.kill('SIGTERM');
    hurried.child.kill('SIGINT');
    await new Promise((done) => setTimeout(done, 300));
    hurried.child.kill('SIGINT');
    expect((await hurried.exit).code).toBe(1);
    expect(Date.now() - before).toBeLessThan(2000);
    expect((await patient.exit).code).toBe(0);
    expect(Date.now() - before).toBeLessThan(10_000);
  });

  it('runs chats by itself when Temporal is switched off, and goes on with those of one that was killed', async () => {
    const provider = await startStandInProvider();
    await provider.fail({ kind: 'slow', delayMs: 1500 });
    const env = { FLEET_TEMPORAL_ENABLED: 'false', TEMPORAL_ADDRESS: '127.0.0.1:1', FLEET_STAND_IN_URL: provider.url };
    const doomed = run(env);
    const origin = await originOf(doomed);
    const lost = ask(origin).catch((error: unknown) => error);
    await until(async () => (await provider.calls()).total === 1);
    // Nobody else deletes what is old.
    await until(() => doomed.out().includes('"msg":"upkeep"'));
    doomed.child.kill('SIGKILL');
    expect(String(await lost)).toContain('fetch failed');
    const next = run(env);
    const answer = await ask(await originOf(next));
    expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    next.child.kill('SIGTERM');
    expect((await next.exit).code).toBe(0);
    await provider.close();
  });

  it('starts without Temporal: alive, and not ready', async () => {
    const gateway = run({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const origin = await originOf(gateway);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    const ready = await fetch(`${origin}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      expect.objectContaining({ status: 'not ready', store: { ok: true } }),
    ]);
    const before = Date.now();
    const answer = await fetch(`${origin}/v1/jobs`);
    expect([answer.status, answer.headers.get('retry-after'), Date.now() - before < 5000]).toEqual([503, '5', true]);
  });
});

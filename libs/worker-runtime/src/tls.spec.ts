import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http2';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import { openFleetClient } from '@fleet/temporal-client';
import { createTestCertificates, type TestCertificates } from '@fleet/temporal-client/test-certificates';
import { createTestNamespace, type TestNamespace } from '@fleet/temporal-client/test-namespace';
import { startTlsGate, type Refusal, type TlsGate } from './test-tls-gate';

const ROOT = resolve(__dirname, '../../..');
const KEY = 'right-key-0123456789';
const WRONG = 'wrong-key-0123456789';
const UNAUTHENTICATED = 16;

let place: TestNamespace;
let database: TestDatabase;
let certificates: TestCertificates;
/** Lets in who has the key, and who says by the header which namespace it is about. */
let keyed: TlsGate;
/** Lets in who shows a certificate that the CA has signed. */
let mutual: TlsGate;
/** Says by an alert of TLS that it does not trust a certificate; a server of Node only hangs up. */
let alerting: TlsGate;
let strangers: TestCertificates;
let healthPort: string;
const at = (name: string): string => certificates.at(name);

beforeAll(async () => {
  [place, database] = await Promise.all([createTestNamespace(), createTestDatabase()]);
  certificates = createTestCertificates();
  const tls = {
    key: readFileSync(at('server.key')),
    cert: readFileSync(at('server.pem')),
    ca: readFileSync(at('ca.pem')),
  };
  keyed = await startTlsGate({ target: place.address, tls, check: checkKey });
  const asking = { ...tls, requestCert: true, rejectUnauthorized: true };
  strangers = createTestCertificates();
  healthPort = await freePort();
  alerting = await startAlertingServer();
  mutual = await startTlsGate({ target: place.address, tls: asking, check: () => undefined });
}, 60_000);

afterAll(async () => {
  await Promise.all([keyed.close(), mutual.close(), alerting.close(), database.drop()]);
  certificates.remove();
  strangers.remove();
});

function checkKey(headers: IncomingHttpHeaders): Refusal | undefined {
  const message = 'Request unauthorized.';
  if (headers.authorization !== `Bearer ${KEY}`) return { status: UNAUTHENTICATED, message };
  const isAboutAll = String(headers[':path']).endsWith('/GetSystemInfo');
  if (isAboutAll || headers['temporal-namespace'] === place.namespace) return undefined;
  return { status: UNAUTHENTICATED, message: `${String(headers[':path'])} names no namespace` };
}

const base = (address: string): Record<string, string> => ({
  TEMPORAL_ADDRESS: address,
  TEMPORAL_NAMESPACE: place.namespace,
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: at('ca.pem'),
});
const withKey = (key: string): Record<string, string> => ({ ...base(keyed.address), TEMPORAL_API_KEY: key });
const withCertificate = (name: string): Record<string, string> => ({
  ...base(mutual.address),
  TEMPORAL_TLS_CLIENT_CERT_PATH: at(`${name}.pem`),
  TEMPORAL_TLS_CLIENT_KEY_PATH: at(`${name}.key`),
});

/** The real worker of a queue, as a process. */
function startWorker(env: Readonly<Record<string, string>>) {
  const main = resolve(ROOT, 'apps/worker-standard/src/main.ts');
  const own = { PATH: process.env['PATH'], DATABASE_URL: database.url, FLEET_STANDARD_HEALTH_PORT: healthPort, ...env };
  const child = spawn(process.execPath, ['--import', 'tsx', main], { cwd: ROOT, env: own });
  const said = { text: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => (said.text += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (said.errors += part));
  const ended = new Promise<number | null>((done) => void child.once('close', done));
  return { said, ended, stop: (): Promise<number | null> => (child.kill('SIGTERM'), ended) };
}

describe.each([
  ['an API key', () => withKey(KEY), [KEY]],
  ['a client certificate', () => withCertificate('client'), []],
] as const)('with %s over TLS', (_what, env, secrets) => {
  it('a client starts a workflow and a worker runs it, and no secret is in a line of the log', async () => {
    const client = openFleetClient({ env: env(), deadlineMs: 20_000 });
    const worker = startWorker({ ...env(), FLEET_LOG_LEVEL: 'trace' });
    try {
      const { id } = await client.start('probeSteps', { steps: 2 });
      expect(await client.result(id, { waitMs: 60_000 })).toMatchObject({ status: 'completed' });
      expect((await client.admin.executions()).items.map((one) => one.id)).toContain(id);
    } finally {
      await client.close();
      expect(await worker.stop()).toBe(0);
    }
    expect(worker.said.text).toContain('"running"');
    const pem = readFileSync(at('client.key'), 'utf8').split('\n')[1] ?? '';
    for (const secret of [...secrets, pem]) expect(worker.said.text + worker.said.errors).not.toContain(secret);
  }, 180_000);
});

const REFUSED: readonly (readonly [string, () => Record<string, string>, RegExp])[] = [
  ['a wrong key', () => withKey(WRONG), /does not accept the key for this namespace/],
  ['no key', () => base(keyed.address), /does not accept the key for this namespace/],
  ['no certificate', () => base(mutual.address), /asks for a client certificate and got none/],
  [
    'a certificate of another CA',
    () => ({ ...withCertificate('client'), ...stranger(), TEMPORAL_ADDRESS: alerting.address }),
    /does not accept the client certificate/,
  ],
  [
    'a server of another CA',
    () => ({ ...withKey(KEY), TEMPORAL_TLS_SERVER_CA_CERT_PATH: strangers.at('ca.pem') }),
    /its own certificate is not one that this process trusts/,
  ],
];

function stranger(): Record<string, string> {
  return {
    TEMPORAL_TLS_CLIENT_CERT_PATH: strangers.at('client.pem'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: strangers.at('client.key'),
  };
}

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return String(port);
}

async function startAlertingServer(): Promise<TlsGate> {
  const files = ['-cert', at('server.pem'), '-key', at('server.key'), '-CAfile', at('ca.pem')];
  const asking = ['-Verify', '1', '-verify_return_error', '-alpn', 'h2'];
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', ...files, ...asking]);
  let said = '';
  const address = await new Promise<string>((found, failed) => {
    child.once('close', () => failed(new Error(said)));
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => {
        const [, port] = /^ACCEPT 127\.0\.0\.1:(\d+)$/m.exec((said += part)) ?? [];
        if (port) found(`127.0.0.1:${port}`);
      });
  });
  const ended = new Promise<void>((done) => void child.once('close', () => done()));
  return { address, close: () => (child.kill(), ended) };
}

it.each(REFUSED)(
  '%s: a client and a worker say so in one line, and the worker ends',
  async (_what, env, reason) => {
    const client = openFleetClient({ env: env(), deadlineMs: 20_000 });
    const error = await client.ping().catch((thrown: unknown) => thrown);
    await client.close();
    expect(error).toMatchObject({ code: 'temporal_refused', message: expect.stringMatching(reason) as string });
    const worker = startWorker(env());
    expect(await worker.ended).toBe(1);
    expect(worker.said.errors).toMatch(/^temporal_refused: .*\n$/);
    expect(worker.said.errors).toMatch(reason);
    for (const key of [KEY, WRONG])
      expect(`${worker.said.text}${worker.said.errors}${String(error)}`).not.toContain(key);
  },
  120_000,
);

it('a certificate is renewed by the next process: it reads the files again', async () => {
  certificates.sign('successor');
  const client = openFleetClient({ env: withCertificate('successor'), deadlineMs: 20_000 });
  await client.ping();
  await client.close();
});

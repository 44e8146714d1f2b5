import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:tls';
import { connectionConfigFrom } from './connection-config';
import { openFleetClient } from './open';
import { createTestCertificates, type TestCertificates } from './test-certificates';

let certificates: TestCertificates;
const at = (name: string): string => certificates.at(name);

beforeAll(() => {
  certificates = createTestCertificates();
  writeFileSync(at('garbage.pem'), 'hello');
  writeFileSync(at('empty.toml'), '[profile.default]');
});

afterAll(() => certificates.remove());

const mtls = (): Record<string, string> => ({
  TEMPORAL_TLS_CLIENT_CERT_PATH: at('client.pem'),
  TEMPORAL_TLS_CLIENT_KEY_PATH: at('client.key'),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: at('ca.pem'),
});

it('has defaults for a laptop', () => {
  const config = connectionConfigFrom({});
  expect(config).toMatchObject({ address: '127.0.0.1:7233', namespace: 'default' });
  expect(config.client).toEqual({ address: '127.0.0.1:7233' });
  expect(connectionConfigFrom({ TEMPORAL_ADDRESS: '', TEMPORAL_API_KEY: '' })).toEqual(config);
});

it('turns TLS on with an API key, and off again when told so', () => {
  const env = {
    TEMPORAL_ADDRESS: 'a.tmprl.cloud:7233',
    TEMPORAL_NAMESPACE: 'n.acct',
    TEMPORAL_API_KEY: 'secret-key\n',
  };
  const { client, native, namespace } = connectionConfigFrom(env);
  expect(namespace).toBe('n.acct');
  expect(client).toEqual({ address: 'a.tmprl.cloud:7233', apiKey: 'secret-key', tls: true });
  expect(native).toEqual(client);
  expect(connectionConfigFrom({ ...env, TEMPORAL_TLS: 'false' }).client.tls).toBe(false);
});

it('reads certificates, also by the older names, and says which names to use', () => {
  const lines: string[] = [];
  const old = {
    TEMPORAL_HOST: 'temporal:7233',
    TEMPORAL_CLIENT_CERT: at('client.pem'),
    TEMPORAL_CLIENT_KEY: at('client.key'),
    TEMPORAL_SERVER_CA: at('ca.pem'),
  };
  const config = connectionConfigFrom(old, (line) => lines.push(line));
  expect(config).toEqual(connectionConfigFrom({ TEMPORAL_ADDRESS: 'temporal:7233', ...mtls() }));
  expect(config.client.tls).toMatchObject({ clientCertPair: { crt: Uint8Array.from(readFileSync(at('client.pem'))) } });
  expect(lines[0]).toBe('TEMPORAL_HOST is deprecated: use TEMPORAL_ADDRESS');
  expect(lines).toHaveLength(4);
  expect(connectionConfigFrom({ ...old, TEMPORAL_ADDRESS: 'new:1' }).address).toBe('new:1');
});

const REFUSED: [string, () => Record<string, string>, string, string][] = [
  [
    'a missing file',
    () => ({ ...mtls(), TEMPORAL_TLS_CLIENT_CERT_PATH: '/no/such.pem' }),
    'unreadable_file',
    'TEMPORAL_TLS_CLIENT_CERT_PATH',
  ],
  ['a missing CA', () => ({ TEMPORAL_SERVER_CA: '/no/ca.pem' }), 'unreadable_file', 'TEMPORAL_TLS_SERVER_CA_CERT_PATH'],
  [
    'a missing file of profiles',
    () => ({ TEMPORAL_CONFIG_FILE: '/no/t.toml' }),
    'unreadable_file',
    'TEMPORAL_CONFIG_FILE',
  ],
  [
    'a certificate without key',
    () => ({ TEMPORAL_TLS_CLIENT_CERT_PATH: at('client.pem') }),
    'invalid_variable',
    'TEMPORAL_TLS_CLIENT_KEY_PATH',
  ],
  [
    'a key without certificate',
    () => ({ TEMPORAL_TLS_CLIENT_KEY_DATA: 'x' }),
    'invalid_variable',
    'TEMPORAL_TLS_CLIENT_CERT_PATH',
  ],
  [
    'a key of another certificate',
    () => ({ ...mtls(), TEMPORAL_TLS_CLIENT_KEY_PATH: at('server.key') }),
    'invalid_variable',
    'TEMPORAL_TLS_CLIENT_KEY_PATH',
  ],
  [
    'what is no certificate',
    () => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: at('garbage.pem') }),
    'invalid_variable',
    'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  ],
  [
    'a file and its content',
    () => ({ ...mtls(), TEMPORAL_TLS_SERVER_CA_CERT_DATA: 'x' }),
    'invalid_variable',
    'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  ],
  ['a host without port', () => ({ TEMPORAL_ADDRESS: 'temporal' }), 'invalid_variable', 'TEMPORAL_ADDRESS'],
  ['a URL', () => ({ TEMPORAL_ADDRESS: 'http://temporal:7233' }), 'invalid_variable', 'TEMPORAL_ADDRESS'],
  [
    'no key for Temporal Cloud',
    () => ({ TEMPORAL_ADDRESS: 'n.acct.tmprl.cloud:7233' }),
    'invalid_variable',
    'TEMPORAL_API_KEY',
  ],
  [
    'a CA alone for Temporal Cloud',
    () => ({ TEMPORAL_ADDRESS: 'eu-west-1.aws.api.temporal.io:7233', TEMPORAL_TLS_SERVER_CA_CERT_PATH: at('ca.pem') }),
    'invalid_variable',
    'TEMPORAL_API_KEY',
  ],
  [
    'a namespace that Temporal Cloud does not have',
    () => ({ ...mtls(), TEMPORAL_ADDRESS: 'n.acct.tmprl.cloud:7233' }),
    'invalid_variable',
    'TEMPORAL_NAMESPACE',
  ],
  ['a port too large', () => ({ TEMPORAL_ADDRESS: 'temporal:72330' }), 'invalid_variable', 'TEMPORAL_ADDRESS'],
  ['an empty namespace', () => ({ TEMPORAL_NAMESPACE: '' }), 'invalid_variable', 'TEMPORAL_NAMESPACE'],
  ['a key of two lines', () => ({ TEMPORAL_API_KEY: 'secret\nkey' }), 'invalid_variable', 'TEMPORAL_API_KEY'],
  [
    'an unknown profile',
    () => ({ TEMPORAL_CONFIG_FILE: at('empty.toml'), TEMPORAL_PROFILE: 'prod' }),
    'invalid_variable',
    'TEMPORAL_PROFILE',
  ],
];

it.each(REFUSED)('refuses %s', (_what, env, code, variable) => {
  const error = thrownBy(() => connectionConfigFrom(env()));
  expect(error).toMatchObject({ code, details: { variable } });
  expect(String(error)).not.toContain('secret');
});

it('takes a profile from a file only when told so, and keeps its lines out of errors', () => {
  writeFileSync(
    at('t.toml'),
    '[profile.default]\naddress = "file:1"\n[profile.prod]\naddress = "prod:1"\nnamespace = "p"\n',
  );
  expect(connectionConfigFrom({ TEMPORAL_CONFIG_FILE: at('t.toml') }).address).toBe('file:1');
  expect(connectionConfigFrom({ TEMPORAL_CONFIG_FILE: at('t.toml'), TEMPORAL_PROFILE: 'prod' })).toMatchObject({
    address: 'prod:1',
    namespace: 'p',
  });
  writeFileSync(at('bad.toml'), '[profile.default]\napi_key = "secret\n');
  const error = thrownBy(() => connectionConfigFrom({ TEMPORAL_CONFIG_FILE: at('bad.toml') }));
  expect(error).toMatchObject({ code: 'invalid_variable', details: { variable: 'TEMPORAL_CONFIG_FILE' } });
  expect(String(error)).not.toContain('secret');
});

it('loads neither grpc nor the native core', () => {
  const code = `require(${JSON.stringify(require.resolve('./connection-config'))}); const heavy = Object.keys(require.cache).filter((file) => /grpc-js|core-bridge|temporalio.client/.test(file)); process.stdout.write(String(heavy.length))`;
  expect(execFileSync(process.execPath, ['--import', 'tsx', '--eval', code]).toString()).toBe('0');
});

it('shows its certificate to a server that asks for one, and checks the server’s', async () => {
  const options = {
    key: readFileSync(at('server.key')),
    cert: readFileSync(at('server.pem')),
    ca: readFileSync(at('ca.pem')),
    requestCert: true,
    ALPNProtocols: ['h2'],
  };
  const names: string[] = [];
  const server: Server = createServer(options, (socket) => {
    const { subject } = socket.getPeerCertificate();
    names.push(`${socket.authorized} ${String(subject.CN)}`);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const client = openFleetClient({ env: { TEMPORAL_ADDRESS: `127.0.0.1:${port}`, ...mtls() } });
  await expect(client.ping(2000)).rejects.toMatchObject({ code: 'temporal_unavailable' });
  await client.close();
  server.close();
  expect(names[0]).toBe('true client');
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate authority of one spec, and what it has signed for loopback, in files. For specs only. */
export interface TestCertificates {
  /** Path of `ca.pem`, `ca.key`, `server.pem`, `server.key`, `client.pem`, `client.key`, and of whatever else is put there. */
  at(name: string): string;
  /** Signs another pair, such as the successor of one: `<name>.pem` and `<name>.key`. */
  sign(name: string): void;
  remove(): void;
}

/** Makes them with openssl. */
export function createTestCertificates(): TestCertificates {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-tls-'));
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const sign = (name: string): void => {
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    // A strict client refuses a server whose certificate may sign others, which is what openssl makes by default.
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'basicConstraints=critical,CA:FALSE'];
    openssl('req', '-x509', ...key, ...subject, ...signer, '-keyout', `${name}.key`, '-out', `${name}.pem`);
  };
  openssl('req', '-x509', ...key, '-subj', '/CN=test ca', '-keyout', 'ca.key', '-out', 'ca.pem');
  for (const name of ['server', 'client']) sign(name);
  return { at: (name) => join(folder, name), sign, remove: () => rmSync(folder, { recursive: true }) };
}

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { FleetError } from '@fleet/errors';

/** Certificates and key, as both connections of the SDK take them. */
export interface TlsMaterial {
  serverNameOverride?: string;
  serverRootCACertificate?: Uint8Array;
  clientCertPair?: { crt: Uint8Array; key: Uint8Array };
}

type Variables = Readonly<Record<string, string | undefined>>;

const CERTIFICATE = 'TEMPORAL_TLS_CLIENT_CERT';
const KEY = 'TEMPORAL_TLS_CLIENT_KEY';
const AUTHORITY = 'TEMPORAL_TLS_SERVER_CA_CERT';

/**
 * Reads every file the variables name, so that a missing one is reported by its variable and not by a failed handshake.
 *
 * @throws FleetError `unreadable_file`, or `invalid_variable` for a certificate without its key or the reverse.
 */
export function checkTlsFiles(variables: Variables): void {
  for (const stem of [CERTIFICATE, KEY, AUTHORITY]) requireReadable(`${stem}_PATH`, variables[`${stem}_PATH`]);
  requireReadable('TEMPORAL_CONFIG_FILE', variables['TEMPORAL_CONFIG_FILE']);
  const certificate = given(variables, CERTIFICATE);
  const key = given(variables, KEY);
  if (certificate && !key) throw halfOfAPair(KEY, certificate);
  if (key && !certificate) throw halfOfAPair(CERTIFICATE, key);
}

/**
 * Parses what was loaded: else a wrong file shows only as a handshake that never succeeds.
 *
 * @throws FleetError `invalid_variable` naming the variable, never the content.
 */
export function checkTlsMaterial(tls: TlsMaterial, variables: Variables): void {
  const { clientCertPair: pair, serverRootCACertificate: authority } = tls;
  if (authority) requireParsed(variables, AUTHORITY, 'a PEM certificate', () => new X509Certificate(authority));
  if (!pair) return;
  const crt = Buffer.from(pair.crt);
  const key = Buffer.from(pair.key);
  requireParsed(variables, CERTIFICATE, 'a PEM certificate', () => new X509Certificate(crt));
  requireParsed(variables, KEY, 'a PEM private key without a passphrase', () => createPrivateKey(key));
  requireParsed(variables, KEY, `the key of ${CERTIFICATE}_*`, () => createSecureContext({ cert: crt, key }));
}

function requireReadable(variable: string, path: string | undefined): void {
  if (path === undefined) return;
  try {
    readFileSync(path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new FleetError('unreadable_file', { variable, path, reason }, { cause: error });
  }
}

function given(variables: Variables, stem: string): string | undefined {
  return [`${stem}_PATH`, `${stem}_DATA`].find((name) => variables[name] !== undefined);
}

function halfOfAPair(missing: string, present: string): FleetError {
  return new FleetError('invalid_variable', {
    variable: `${missing}_PATH`,
    rule: `set when ${present} is set`,
    got: 'nothing',
  });
}

function requireParsed(variables: Variables, stem: string, rule: string, parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    const variable = given(variables, stem) ?? `${stem}_PATH`;
    const got = variable.endsWith('_PATH') ? JSON.stringify(variables[variable] ?? '') : 'something else (not shown)';
    throw new FleetError('invalid_variable', { variable, rule, got }, { cause: error });
  }
}

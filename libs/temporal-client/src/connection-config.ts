import { FleetError } from '@fleet/errors';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { requireCloudCredentials } from './cloud';
import { currentNames, type Environment } from './deprecated-names';
import { checkTlsFiles, checkTlsMaterial, type TlsMaterial } from './tls-files';

// Loads neither grpc nor the native core: a worker reads its configuration before it opens anything.

/** What both `Connection` of @temporalio/client and `NativeConnection` of @temporalio/worker take. */
export interface TemporalConnectionOptions {
  readonly address: string;
  readonly apiKey?: string;
  readonly tls?: boolean | TlsMaterial;
  readonly metadata?: Record<string, string>;
}

/** Where Temporal is and how to get in. */
export interface ConnectionConfig {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  /** Options of `Connection` (@temporalio/client). Has secrets: never log it. */
  readonly client: TemporalConnectionOptions;
  /** Options of `NativeConnection` (@temporalio/worker). Has secrets: never log it. */
  readonly native: TemporalConnectionOptions;
}

// 127.0.0.1, not localhost: that may resolve to ::1 first, where the dev server does not listen.
const DEFAULT_ADDRESS = '127.0.0.1:7233';
const DEFAULT_NAMESPACE = 'default';

/**
 * The Temporal connection from `TEMPORAL_ADDRESS` (default 127.0.0.1:7233), `TEMPORAL_NAMESPACE` (default `default`),
 * `TEMPORAL_API_KEY` and `TEMPORAL_TLS_*`; also from a TOML file when `TEMPORAL_CONFIG_FILE` or `TEMPORAL_PROFILE` is
 * set. The older names (`TEMPORAL_HOST`, `TEMPORAL_CLIENT_CERT`, ...) still work and are reported to `warn`.
 *
 * @throws FleetError `invalid_variable`, `unreadable_file`. No message has a secret in it.
 */
export function connectionConfigFrom(
  env: Environment,
  warn: (line: string) => void = () => undefined,
): ConnectionConfig {
  const variables = currentNames(env, warn);
  requireNamespace(variables);
  requireApiKey(variables);
  checkTlsFiles(variables);
  if (/^(1|true)$/i.test(variables['TEMPORAL_TLS_DISABLE_HOST_VERIFICATION'] ?? ''))
    warn('TEMPORAL_TLS_DISABLE_HOST_VERIFICATION has no effect: the TypeScript SDK always verifies the host');
  const { connectionOptions, namespace = DEFAULT_NAMESPACE } = load(variables);
  const address = connectionOptions.address ?? DEFAULT_ADDRESS;
  requireHostAndPort(address);
  const tls = connectionOptions.tls as boolean | TlsMaterial | undefined;
  if (typeof tls === 'object') checkTlsMaterial(tls, variables);
  const options = defined({
    address,
    apiKey: connectionOptions.apiKey,
    tls,
    metadata: plainText(connectionOptions.metadata),
  });
  requireCloudCredentials(options, namespace);
  return { address, namespace, client: options, native: options };
}

type LoadedConfig = ReturnType<typeof loadClientConnectConfig>;

function load(variables: Record<string, string>): LoadedConfig {
  const file = variables['TEMPORAL_CONFIG_FILE'];
  const profile = variables['TEMPORAL_PROFILE'];
  try {
    // Without either variable a file in the home folder would decide, unseen by who started the fleet.
    const disableFile = file === undefined && profile === undefined;
    return loadClientConnectConfig({ disableFile, overrideEnvVars: variables });
  } catch (error) {
    throw unusableConfiguration(error, variables);
  }
}

function unusableConfiguration(error: unknown, variables: Record<string, string>): unknown {
  const text = error instanceof Error ? error.message : '';
  const conflict = /Cannot specify both (client_cert|client_key|server_ca_cert)_path/.exec(text);
  if (conflict?.[1]) {
    const stem = `TEMPORAL_TLS_${conflict[1].toUpperCase()}`;
    return new FleetError('invalid_variable', {
      variable: `${stem}_PATH`,
      rule: `unset when ${stem}_DATA is set`,
      got: 'both',
    });
  }
  const profile = variables['TEMPORAL_PROFILE'];
  if (profile !== undefined && text.startsWith('Profile '))
    return new FleetError('invalid_variable', {
      variable: 'TEMPORAL_PROFILE',
      rule: 'a profile of the file',
      got: JSON.stringify(profile),
    });
  const path = variables['TEMPORAL_CONFIG_FILE'];
  // The parser quotes the lines of the file in its message, and those may hold an API key.
  if (path !== undefined)
    return new FleetError('invalid_variable', {
      variable: 'TEMPORAL_CONFIG_FILE',
      rule: 'a TOML file of profiles',
      got: JSON.stringify(path),
    });
  return error;
}

function requireNamespace(variables: Record<string, string>): void {
  const namespace = variables['TEMPORAL_NAMESPACE'];
  if (namespace === undefined || namespace.trim() !== '') return;
  throw new FleetError('invalid_variable', {
    variable: 'TEMPORAL_NAMESPACE',
    rule: 'a name, or unset for "default"',
    got: JSON.stringify(namespace),
  });
}

function requireApiKey(variables: Record<string, string>): void {
  const key = variables['TEMPORAL_API_KEY'];
  if (key === undefined || /^[\x21-\x7e]+$/.test(key)) return;
  throw new FleetError('invalid_variable', {
    variable: 'TEMPORAL_API_KEY',
    rule: 'printable characters without spaces',
    got: 'others (not shown)',
  });
}

function requireHostAndPort(address: string): void {
  const port = Number(/^(?:\[[0-9a-f:.]+\]|[^\s:/@]+):(\d{1,5})$/i.exec(address)?.[1]);
  if (port >= 1 && port <= 65_535) return;
  throw new FleetError('invalid_variable', {
    variable: 'TEMPORAL_ADDRESS',
    rule: 'host:port',
    got: JSON.stringify(address.slice(0, 200)),
  });
}

function plainText(metadata: LoadedConfig['connectionOptions']['metadata']): Record<string, string> | undefined {
  return metadata as Record<string, string> | undefined;
}

function defined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> };
}

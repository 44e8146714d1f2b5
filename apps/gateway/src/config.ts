import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { FleetError } from '@fleet/errors';
import { portOffsetFrom, wholeNumber } from '@fleet/task-queues/overrides';
import { requireOwnEnvironment } from '@fleet/telemetry/environment';
import { bindingFrom, isLoopback, temporalEnabledFrom } from '@fleet/telemetry/settings';
import { connectionConfigFrom } from '@fleet/temporal-client/connection-config';
import { parseAllowList, type AllowEntry } from '@fleet/url-guard';
import { hostnameOf } from './host-names';

/** Environment variables as the process got them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the gateway reads from its environment, checked. */
export interface GatewayConfig {
  /** Address to bind to. Default 127.0.0.1. */
  readonly host: string;
  /** Default 8080 + FLEET_PORT_OFFSET; 0 takes a free port. */
  readonly port: number;
  /** Bearer token of the bootstrap admin; absent = nobody is asked, everybody is `local`. */
  readonly token?: string;
  /** Host names, beside loopback ones, that the gateway answers to. In lower case, without port. */
  readonly allowedHosts: ReadonlySet<string>;
  readonly databaseUrl: string;
  /** False: there is no Temporal. Jobs are refused, and chats run in this process. Default true. */
  readonly temporalEnabled: boolean;
  /** Which of several fleets it is of. Default `development`. */
  readonly environment: string;
  /** What monitors may read and post to besides public addresses. Default: nothing. */
  readonly monitorAllow: readonly AllowEntry[];
  /** Who the gateway is on the Temporal server. */
  readonly identity: string;
}

const DEFAULT_PORT = 8080;

/**
 * The configuration of the gateway: FLEET_HOST, FLEET_GATEWAY_PORT, FLEET_PORT_OFFSET, FLEET_API_TOKEN,
 * FLEET_ALLOWED_HOSTS, FLEET_TEMPORAL_ENABLED, FLEET_ENVIRONMENT, FLEET_MONITOR_ALLOW and DATABASE_URL. The TEMPORAL_* variables are read by the
 * Temporal client; here only the namespace is, to be compared with the environment.
 *
 * @throws FleetError `invalid_variable`, `unreadable_file`, `environment_mismatch`, or `token_required` when the address is not
 * loopback and there is no token.
 */
export function configFrom(env: Environment): GatewayConfig {
  const { host, token } = bindingFrom(env);
  const databaseUrl = databaseUrlFrom(env);
  const temporalEnabled = temporalEnabledFrom(env);
  const namespace = temporalEnabled ? connectionConfigFrom(env).namespace : undefined;
  return {
    host,
    port: wholeNumber('FLEET_GATEWAY_PORT', env['FLEET_GATEWAY_PORT'], 0, 65_535) ?? DEFAULT_PORT + portOffsetFrom(env),
    ...(token === undefined ? {} : { token }),
    allowedHosts: new Set([...allowedHostsFrom(env['FLEET_ALLOWED_HOSTS']), ...ownNames(host)]),
    databaseUrl,
    temporalEnabled,
    environment: requireOwnEnvironment(env, { databaseUrl, ...(namespace !== undefined && { namespace }) }),
    monitorAllow: parseAllowList(env['FLEET_MONITOR_ALLOW'] ?? '', 'FLEET_MONITOR_ALLOW'),
    identity: `gateway@${hostname()}:${process.pid}`,
  };
}

/**
 * DATABASE_URL. Its value is never repeated in an error: it holds a password.
 *
 * @throws FleetError `invalid_variable`.
 */
export function databaseUrlFrom(env: Environment): string {
  const text = env['DATABASE_URL'] ?? '';
  if (URL.canParse(text) && ['postgres:', 'postgresql:'].includes(new URL(text).protocol)) return text;
  throw invalid('DATABASE_URL', 'a postgres:// URL', text === '' ? 'nothing' : 'something else');
}

function allowedHostsFrom(text: string | undefined): ReadonlySet<string> {
  const names = (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const hosts = names.map((name) => {
    const host = hostnameOf(name);
    if (host !== undefined) return host;
    throw invalid('FLEET_ALLOWED_HOSTS', 'host names separated by commas', JSON.stringify(name.slice(0, 100)));
  });
  return new Set(hosts);
}

/** The name it is bound by is one it is called by, by its supervisor first of all. Addresses are known by the connection. */
function ownNames(host: string): readonly string[] {
  const name = hostnameOf(host);
  return name === undefined || isIP(name) !== 0 || isLoopback(name) ? [] : [name];
}

function invalid(variable: string, rule: string, got: string): FleetError {
  return new FleetError('invalid_variable', { variable, rule, got });
}

import { isIPv4, isIPv6 } from 'node:net';
import { FleetError } from '@fleet/errors';

// Loads no package: the command line reads these before it starts anything.

type Environment = Readonly<Record<string, string | undefined>>;

/** The levels of FLEET_LOG_LEVEL. */
export type LogLevel = (typeof LEVELS)[number];

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Where a process binds and who may call it. */
export interface Binding {
  /** Address or name, an IPv6 address without its brackets. */
  readonly host: string;
  /** Absent: nobody is asked, which is only allowed on a loopback host. */
  readonly token?: string;
}

/**
 * `FLEET_HOST`, default 127.0.0.1. An IPv6 address may have the brackets of a URL.
 *
 * @throws FleetError `invalid_variable`.
 */
export function hostFrom(env: Environment): string {
  const text = env['FLEET_HOST'] || '127.0.0.1';
  const host = /^\[.*\]$/.test(text) ? text.slice(1, -1) : text;
  if (/^[A-Za-z0-9.:%_-]{1,253}$/.test(host)) return host;
  const rule = 'an IP address or a host name, without port';
  throw new FleetError('invalid_variable', { variable: 'FLEET_HOST', rule, got: JSON.stringify(text.slice(0, 100)) });
}

/**
 * `FLEET_HOST` and `FLEET_API_TOKEN`.
 *
 * @throws FleetError `invalid_variable`, or `token_required` when the host is not loopback and there is no token.
 */
export function bindingFrom(env: Environment): Binding {
  const host = hostFrom(env);
  const token = tokenFrom(env['FLEET_API_TOKEN']);
  if (token !== undefined) return { host, token };
  if (isLoopback(host)) return { host };
  throw new FleetError('token_required', { host });
}

/**
 * `FLEET_LOG_LEVEL`, default `info`.
 *
 * @throws FleetError `invalid_variable`.
 */
export function logLevelFrom(env: Environment): LogLevel {
  const text = env['FLEET_LOG_LEVEL'] || 'info';
  const level = LEVELS.find((known) => known === text);
  if (level !== undefined) return level;
  const rule = `one of ${LEVELS.join(', ')}`;
  throw new FleetError('invalid_variable', {
    variable: 'FLEET_LOG_LEVEL',
    rule,
    got: JSON.stringify(text.slice(0, 100)),
  });
}

/**
 * `FLEET_TEMPORAL_ENABLED`, default true: whether there is a Temporal. Without one the gateway runs chats in its own process.
 *
 * @throws FleetError `invalid_variable`.
 */
export function temporalEnabledFrom(env: Environment): boolean {
  const text = env['FLEET_TEMPORAL_ENABLED'] || 'true';
  if (text === 'true' || text === 'false') return text === 'true';
  throw new FleetError('invalid_variable', {
    variable: 'FLEET_TEMPORAL_ENABLED',
    rule: 'true or false',
    got: JSON.stringify(text.slice(0, 100)),
  });
}

/** True for names and addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.');
  if (isIPv6(host)) return host === '::1';
  return host.toLowerCase() === 'localhost' || host.toLowerCase().endsWith('.localhost');
}

function tokenFrom(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  // The value itself stays out of the message: it goes to a terminal or a log.
  if (/^[\x21-\x7e]{16,}$/.test(text)) return text;
  const rule = '16 or more visible ASCII characters without a space';
  throw new FleetError('invalid_variable', { variable: 'FLEET_API_TOKEN', rule, got: `${text.length} characters` });
}

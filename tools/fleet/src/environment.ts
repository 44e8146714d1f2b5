import { portOffsetFrom, wholeNumber } from '@fleet/task-queues/overrides';
import { config } from 'dotenv';
import { join, resolve } from 'node:path';

/** Root of the checkout. */
export const ROOT = resolve(__dirname, '../../..');

/** Environment variables as the process got them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Names of variables that `.env` brought into the environment of this process. */
const fromFile = new Set<string>();

/** Reads `.env` at the root of the checkout, wherever the command was typed. A variable that is set already wins. */
export function loadEnvironment(): Environment {
  const given = new Set(Object.keys(process.env));
  const { parsed = {} } = config({ path: join(ROOT, '.env'), quiet: true });
  for (const name of Object.keys(parsed)) if (!given.has(name)) fromFile.add(name);
  return process.env;
}

/** Whether `.env` brought the variable, and not the shell. */
export function isFromFile(name: string): boolean {
  return fromFile.has(name);
}

/** `FLEET_STATE_DIR`: where Temporal's and Postgres' data, the lock and downloaded programs live. Default `.fleet` of the checkout. */
export function stateDirFrom(env: Environment): string {
  return resolve(ROOT, env['FLEET_STATE_DIR'] || '.fleet');
}

/**
 * A port from its variable, which is taken as it is, or its default moved by `FLEET_PORT_OFFSET`.
 *
 * @throws FleetError `invalid_variable`.
 */
export function portFrom(env: Environment, variable: string, fallback: number): number {
  return wholeNumber(variable, env[variable], 1, 65_535) ?? fallback + portOffsetFrom(env);
}

/** `FLEET_GATEWAY_PORT`. Default 8080 + `FLEET_PORT_OFFSET`. */
export function gatewayPortFrom(env: Environment): number {
  return portFrom(env, 'FLEET_GATEWAY_PORT', 8080);
}

/** `FLEET_GATEWAY_URL` without its last slash. Default: the gateway's port on this machine. */
export function gatewayUrlFrom(env: Environment): string {
  return (env['FLEET_GATEWAY_URL'] || `http://127.0.0.1:${gatewayPortFrom(env)}`).replace(/\/+$/, '');
}

import { errorText, FleetError, isFleetError } from '@fleet/errors';

/** What the network and postgres.js say when there is no server to talk to. */
const CONNECTION_CODES = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * SQLSTATEs that time mends. Classes: 08 connection, 53 out of resources, 57 operator intervention (shutting down,
 * starting, statement time-out), 40 deadlock or serialisation. 55P03: lock time-out. 25006: a fail-over left us on a
 * read-only standby.
 */
const TRANSIENT_SQLSTATE = /^(?:08|40|53|57)\w{3}$|^(?:55P03|25006)$/;

/** Text Postgres cannot hold: a NUL character, plain or inside JSON. */
const UNSTORABLE_SQLSTATE = /^(?:22021|22P05)$/;

/**
 * The one place where what Postgres and the network throw becomes an error of the table. Errors that are neither an
 * outage nor the caller's fault, such as a wrong password or a constraint, come back as they are.
 */
export function storeError(error: unknown): unknown {
  if (isFleetError(error)) return error;
  const code = codeOf(error);
  if (CONNECTION_CODES.has(code) || TRANSIENT_SQLSTATE.test(code)) {
    return new FleetError('store_unavailable', {}, { cause: error });
  }
  if (UNSTORABLE_SQLSTATE.test(code)) {
    const fields = [{ field: 'text', rule: 'must not contain the NUL character' }];
    return new FleetError('invalid_input', { count: 1 }, { cause: error, fields });
  }
  return error;
}

/** SQLSTATEs of a server that is there and does not let us in: role, password, database. */
const REFUSED_SQLSTATE = /^(?:28000|28P01|3D000)$/;

/**
 * For whoever opens the database at its start: `database_refused` for a wrong password or name, which no waiting mends;
 * anything else as `storeError` has it. A request is not told: the reason names the role.
 */
export function openingError(error: unknown): unknown {
  if (!REFUSED_SQLSTATE.test(codeOf(error))) return storeError(error);
  return new FleetError('database_refused', { reason: errorText(error) }, { cause: error });
}

/** The SQLSTATE or errno of an error, '' when it has none. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

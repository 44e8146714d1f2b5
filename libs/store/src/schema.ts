import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError, isFleetError } from '@fleet/errors';
import type { Database } from './database';
import { SCHEMA_VERSION } from './migrations';
import { openingError } from './store-error';

const POLL_MS = 250;
const UNDEFINED_TABLE = '42P01';

/** Anything that knows the version of its database: a Store. */
export interface SchemaSource {
  schemaVersion(): Promise<number>;
}

/** Options of `waitForSchema`. */
export interface WaitOptions {
  /** Ends the wait: it then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds to wait at most. Default 60,000. */
  readonly timeoutMs?: number;
}

/**
 * Waits until the database has at least the version this process needs. It applies nothing: `fleet migrate` does. A
 * Postgres that is still down is waited for as well.
 *
 * @returns the version found.
 * @throws FleetError `schema_outdated` or `store_unavailable`, whichever was still true at the end; `database_refused` at
 * once; the signal's reason.
 */
export async function waitForSchema(source: SchemaSource, options: WaitOptions = {}): Promise<number> {
  const { signal, timeoutMs = 60_000 } = options;
  const end = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const problem = await source.schemaVersion().then(outdated, unavailable);
    if (typeof problem === 'number') return problem;
    const left = end - performance.now();
    if (left <= 0) throw problem;
    await sleep(Math.min(POLL_MS, left), undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

/** The version in a database, 0 when nothing was ever migrated. */
export async function readSchemaVersion(database: Database): Promise<number> {
  try {
    const [row] = await database.run(
      (sql) => sql<[{ version: number }]>`select coalesce(max(version), 0) as version from schema_migrations`,
    );
    return row.version;
  } catch (error) {
    if ((error as { code?: unknown }).code === UNDEFINED_TABLE) return 0;
    throw error;
  }
}

/**
 * What a first call on a database that was never migrated, or that does not let us in, is told instead of the words of the
 * server: `schema_outdated`, `database_refused`; anything else as it is.
 */
export function openingProblem(error: unknown): unknown {
  if ((error as { code?: unknown } | null)?.code !== UNDEFINED_TABLE) return openingError(error);
  return new FleetError('schema_outdated', { version: 0, needed: SCHEMA_VERSION }, { cause: error });
}

function outdated(version: number): number | FleetError {
  return version >= SCHEMA_VERSION ? version : new FleetError('schema_outdated', { version, needed: SCHEMA_VERSION });
}

/** A wrong password or database name does not mend itself: only a store that is down is worth the wait. */
function unavailable(error: unknown): FleetError {
  if (isFleetError(error) && error.code === 'store_unavailable') return error;
  throw openingError(error);
}

import { errorText, FleetError, isFleetError } from '@fleet/errors';
import postgres from 'postgres';
import { CONNECT_TIMEOUT_S } from './database';
import { checksumOf, MIGRATIONS, type Migration } from './migrations';
import { openingError, storeError } from './store-error';

/** Any constant will do, as long as nothing else in the same database takes the same advisory lock. */
const LOCK_KEY = 7_366_318_203;

/** The lock is the transaction's: a crash frees it. */
const TAKE_LOCK = `select pg_advisory_xact_lock(${LOCK_KEY});`;

/** How long to wait for another process that is migrating, in milliseconds. */
const LOCK_TIMEOUT_MS = 300_000;

const UNIQUE_VIOLATION = '23505';

interface Applied {
  readonly version: number;
  readonly checksum: string;
}

/** What `migrate` did. */
export interface MigrationResult {
  /** Version before and after; 0 is an empty database. `after` can be above SCHEMA_VERSION when a newer fleet migrated it. */
  readonly before: number;
  readonly after: number;
}

/**
 * Brings the database to SCHEMA_VERSION: each missing migration in a transaction of its own, under an advisory lock, so
 * that two at once are safe and a failed one leaves the last whole version.
 *
 * @param url `postgres://` address of a role that may create tables.
 * @param onLine told what is done, one line each; default: nobody.
 * @param migrations default: those of this fleet.
 * @throws FleetError `setup_failed` when a migration fails; `database_refused` for a wrong password or database; `migration_changed` when an applied one was edited; `store_unavailable` when
 * Postgres cannot be reached or another process holds the lock for over five minutes.
 */
export async function migrate(
  url: string,
  onLine: (line: string) => void = () => {},
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<MigrationResult> {
  const sql = postgres(url, {
    max: 1,
    connect_timeout: CONNECT_TIMEOUT_S,
    fetch_types: false,
    onnotice: () => {},
    // No statement time-out: filling an index of a large table may take long, and must not be cut half-way.
    connection: { application_name: 'temporal-fleet migrate', lock_timeout: LOCK_TIMEOUT_MS },
  });
  try {
    await createRegister(sql, onLine);
    let applied = await readApplied(sql);
    const before = versionOf(applied);
    for (;;) {
      const next = nextMigration(migrations, applied);
      if (next === undefined) break;
      await apply(sql, next, onLine);
      applied = await readApplied(sql);
    }
    const after = versionOf(applied);
    onLine(after === before ? `schema is at version ${after}` : `schema is now at version ${after}`);
    return { before, after };
  } catch (error) {
    throw openingError(error);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function createRegister(sql: postgres.Sql, onLine: (line: string) => void): Promise<void> {
  // Taken and given back at once: it is only to say why nothing happens for a while.
  const [lock] = await sql<[{ free: boolean }]>`select pg_try_advisory_xact_lock(${LOCK_KEY}) as free`;
  if (!lock.free) onLine('another process is migrating; waiting for it');
  await sql.unsafe(`${TAKE_LOCK}
    create table if not exists schema_migrations (
      version integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`);
}

/**
 * Runs a migration as ONE message of several statements, which Postgres treats as one transaction. Not with the library's
 * `begin`: after a lost connection its rollback writes to a socket that is gone, outside of any promise, and ends the
 * process. Such a message carries no parameters; what is put in is this code's own, never input.
 *
 * The row goes in first. Should another process have applied the migration while we waited for the lock, it is refused
 * as a duplicate before anything is touched.
 */
async function apply(sql: postgres.Sql, migration: Migration, onLine: (line: string) => void): Promise<void> {
  const label = labelOf(migration);
  const row = `${migration.version}, '${migration.name}', '${checksumOf(migration)}'`;
  try {
    await sql.unsafe(`${TAKE_LOCK}
      insert into schema_migrations (version, name, checksum) values (${row});
      ${migration.sql}`);
    onLine(`migration ${label} applied`);
  } catch (error) {
    const { code, table_name: table } = error as Partial<postgres.PostgresError>;
    if (code === UNIQUE_VIOLATION && table === 'schema_migrations') return;
    const mapped = storeError(error);
    if (isFleetError(mapped)) throw mapped;
    throw new FleetError('setup_failed', { step: `Migration ${label}`, reason: errorText(error) }, { cause: error });
  }
}

async function readApplied(sql: postgres.Sql): Promise<Applied[]> {
  return sql<Applied[]>`select version, checksum from schema_migrations order by version`;
}

function versionOf(applied: readonly Applied[]): number {
  return applied.at(-1)?.version ?? 0;
}

function nextMigration(migrations: readonly Migration[], applied: readonly Applied[]): Migration | undefined {
  const checksums = new Map(applied.map(({ version, checksum }) => [version, checksum]));
  for (const migration of migrations) {
    const checksum = checksums.get(migration.version);
    if (checksum !== undefined && checksum !== checksumOf(migration)) {
      throw new FleetError('migration_changed', { name: labelOf(migration) });
    }
  }
  return migrations.find(({ version }) => !checksums.has(version));
}

function labelOf({ version, name }: Migration): string {
  return `${String(version).padStart(4, '0')}-${name}`;
}

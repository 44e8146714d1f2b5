import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { migrate } from './migrate';

/** A database of one test. */
export interface TestDatabase {
  readonly url: string;
  /** Deletes it, cutting whoever is still connected. */
  drop(): Promise<void>;
}

/** Options of `createTestDatabase`. */
export interface TestDatabaseOptions {
  /** Default true; false leaves it empty. */
  readonly migrated?: boolean;
}

/**
 * Creates a uniquely named, migrated database on the server of FLEET_TEST_DATABASE_URL, the address of a role that may
 * create databases.
 * @throws Error when the variable is not set.
 */
export async function createTestDatabase({ migrated = true }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const adminUrl = process.env.FLEET_TEST_DATABASE_URL;
  if (!adminUrl) {
    throw new Error('FLEET_TEST_DATABASE_URL is not set: run npm test, or npx nx test store, which start a Postgres');
  }
  // No word of it names an environment: the apps of a spec are of the default one.
  const name = `fleet_spec_${randomBytes(8).toString('hex')}`;
  // template0, because template1 cannot be copied while anybody is connected to it.
  await asAdmin(adminUrl, (sql) => sql`create database ${sql(name)} template template0`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const drop = () => asAdmin(adminUrl, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
  try {
    if (migrated) await migrate(url.href);
  } catch (error) {
    await drop();
    throw error;
  }
  return { url: url.href, drop };
}

async function asAdmin(url: string, work: (sql: postgres.Sql) => PromiseLike<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import type { Fleet } from './fleet';

/** Rows of the application's database about some jobs, read past the application. */
export async function recordsOf(
  fleet: Fleet,
  jobIds: readonly string[],
): Promise<{ images: object[]; artifacts: object[] }> {
  const password = readFileSync(join(fleet.stateDir, 'postgres-password'), 'utf8').trim();
  const sql = postgres({
    host: '127.0.0.1',
    port: 5433 + fleet.portOffset,
    username: 'fleet',
    password,
    database: 'fleet',
    max: 1,
  });
  try {
    const images = await sql`select id, artifact_id from images where job_id in ${sql(jobIds)}`;
    const artifacts = await sql`select id from artifacts where split_part(key, '/', 1) in ${sql(jobIds)}`;
    return { images: [...images], artifacts: [...artifacts] };
  } finally {
    await sql.end();
  }
}

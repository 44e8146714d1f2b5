import { createHash } from 'node:crypto';
import { FleetError } from '@fleet/errors';
import type { Database } from '../database';
import { newId } from '../ids';
import { codeOf } from '../store-error';
import { inChunks, type ByteSource } from './chunks';
import { artifactColumns, type ArtifactRow, type ArtifactState } from './row';

const UNIQUE_VIOLATION = '23505';

/** What goes with the bytes of a new artefact. */
export interface NewArtifact {
  readonly owner: string;
  /** Media type, such as `text/csv`. */
  readonly type: string;
  /** File name to offer on download. Default: none. */
  readonly name?: string;
  /** Default `saved`. */
  readonly state?: ArtifactState;
  /** Idempotency key, unique for each owner. Default: none, each call stores a new artefact. */
  readonly key?: string;
}

/**
 * Stores an artefact in two phases. While bytes come in, the row is `uploading`, which no reader sees; each chunk is a
 * statement of its own, so a slow client holds neither a transaction nor a connection. The last statement makes it visible
 * and takes the key. Whoever loses the race for a key drops its own bytes and gives back the winner's row.
 */
export async function upload(database: Database, source: ByteSource, artifact: NewArtifact): Promise<ArtifactRow> {
  const known = await findByKey(database, artifact);
  if (known !== undefined) return known;
  const id = newId('art');
  try {
    const stored = await storeChunks(database, id, source, artifact);
    return await complete(database, id, stored, artifact);
  } catch (error) {
    // With the store down this fails too; what is left is unreadable, and swept by deleteOlderThan.
    await discard(database, id).catch(() => {});
    const winner = codeOf(error) === UNIQUE_VIOLATION ? await findByKey(database, artifact) : undefined;
    if (winner !== undefined) return winner;
    throw error;
  }
}

async function findByKey(database: Database, { owner, key }: NewArtifact): Promise<ArtifactRow | undefined> {
  if (key === undefined) return undefined;
  const [row] = await database.run(
    (sql) => sql<ArtifactRow[]>`select ${artifactColumns(sql)} from artifacts where owner = ${owner} and key = ${key}`,
  );
  return row;
}

async function storeChunks(
  database: Database,
  id: string,
  source: ByteSource,
  { owner, name, type }: NewArtifact,
): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  let seq = 0;
  for await (const chunk of inChunks(source)) {
    if (seq === 0) {
      // Not before the first byte: an empty source leaves no trace.
      await database.run(
        (sql) => sql`
          insert into artifacts (id, owner, name, type, state)
          values (${id}, ${owner}, ${name ?? null}, ${type}, 'uploading')`,
      );
    }
    await database.run(
      (sql) => sql`insert into artifact_chunks (artifact_id, seq, data) values (${id}, ${seq}, ${chunk})`,
    );
    hash.update(chunk);
    size += chunk.length;
    seq += 1;
  }
  if (size === 0) throw new FleetError('empty_artifact');
  return { size, sha256: hash.digest('hex') };
}

async function complete(
  database: Database,
  id: string,
  { size, sha256 }: { size: number; sha256: string },
  { state = 'saved', key }: NewArtifact,
): Promise<ArtifactRow> {
  const [row] = await database.run(
    (sql) => sql<ArtifactRow[]>`
      update artifacts set state = ${state}, size = ${size}, sha256 = ${sha256}, key = ${key ?? null}
      where id = ${id} and state = 'uploading'
      returning ${artifactColumns(sql)}`,
  );
  // Only when it was swept because it took longer than artefacts are kept.
  if (row === undefined) throw new FleetError('artifact_not_found', { id });
  return row;
}

async function discard(database: Database, id: string): Promise<void> {
  await database.run((sql) => sql`delete from artifacts where id = ${id} and state = 'uploading'`);
}

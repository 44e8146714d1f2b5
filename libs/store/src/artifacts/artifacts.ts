import { FleetError } from '@fleet/errors';
import type { Database } from '../database';
import type { ByteSource } from './chunks';
import { artifactColumns, type ArtifactRow } from './row';
import { deleteOlderThan, type SweepOptions, type SweepResult } from './sweep';
import { upload, type NewArtifact } from './upload';

/** Files in and files out, kept where every process can read them. */
export interface Artifacts {
  /**
   * Stores bytes as they come, 256 KiB in memory at a time. It is visible only when complete; a source that breaks leaves
   * nothing. With a `key` used before by this owner it gives back the first artefact, without reading the source.
   * @throws FleetError `artifact_too_large` above 64 MiB, `empty_artifact`, `store_unavailable`; what the source throws.
   */
  put(bytes: ByteSource, artifact: NewArtifact): Promise<ArtifactRow>;
  /** @throws FleetError `artifact_not_found`, `store_unavailable` */
  get(id: string): Promise<ArtifactRow>;
  /**
   * The bytes in order, each chunk fetched when the one before was taken; a slow reader holds no connection.
   * @throws FleetError on the first step or, when it is deleted meanwhile, a later one: `artifact_not_found`,
   * `store_unavailable`
   */
  read(id: string): AsyncIterable<Uint8Array>;
  /** All the bytes, up to 64 MiB, in memory. @throws FleetError `artifact_not_found`, `store_unavailable` */
  readAll(id: string): Promise<Buffer>;
  /** Confirms a staged artefact; a saved one stays so. @throws FleetError `artifact_not_found`, `store_unavailable` */
  markSaved(id: string): Promise<ArtifactRow>;
  /**
   * Deletes one batch of those created before the cutoff, oldest first, with their images and whatever their state,
   * unfinished uploads too. Call it with `after: last` until `last` is null. Two at a time share the work.
   * @throws RangeError for a batchSize outside 1 to 1,000; FleetError `store_unavailable`
   */
  deleteOlderThan(cutoff: Date, options?: SweepOptions): Promise<SweepResult>;
}

/** The artefacts in a database. */
export function artifactsIn(database: Database): Artifacts {
  const get = (id: string) => getArtifact(database, id);
  const read = (id: string) => readChunks(database, id);
  return {
    put: (bytes, artifact) => upload(database, bytes, artifact),
    get,
    read,
    async readAll(id) {
      const chunks: Buffer[] = [];
      for await (const chunk of read(id)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    async markSaved(id) {
      await database.run((sql) => sql`update artifacts set state = 'saved' where id = ${id} and state = 'staged'`);
      return get(id);
    },
    deleteOlderThan: (cutoff, options = {}) => deleteOlderThan(database, cutoff, options),
  };
}

async function getArtifact(database: Database, id: string): Promise<ArtifactRow> {
  const [row] = await database.run(
    (sql) => sql<ArtifactRow[]>`
      select ${artifactColumns(sql)} from artifacts where id = ${id} and state <> 'uploading'`,
  );
  if (row === undefined) throw new FleetError('artifact_not_found', { id });
  return row;
}

async function* readChunks(database: Database, id: string): AsyncGenerator<Buffer> {
  const { size } = await getArtifact(database, id);
  // Until all bytes came, not for a number of chunks: artefacts stored with another chunk size stay readable.
  for (let seq = 0, bytes = 0; bytes < size; seq += 1) {
    const [chunk] = await database.run(
      (sql) => sql<{ data: Buffer }[]>`
        select data from artifact_chunks where artifact_id = ${id} and seq = ${seq}`,
    );
    if (chunk === undefined) throw new FleetError('artifact_not_found', { id });
    bytes += chunk.data.length;
    yield chunk.data;
  }
}

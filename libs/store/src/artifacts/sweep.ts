import type { Database } from '../database';

/** Bytes one batch deletes at most (but always one artefact), to stay well below the statement time-out. */
const BATCH_BYTES = 256 * 1024 * 1024;

/** Where a batch ended. Plain JSON, so that it fits a heartbeat or a workflow's history. */
export interface ArtifactCursor {
  /** ISO 8601, in milliseconds. */
  readonly createdAt: string;
  readonly id: string;
}

/** How to delete old artefacts. */
export interface SweepOptions {
  /** Artefacts in one batch at most, 1 to 1,000. Default 100; a batch of large ones ends earlier, at 256 MiB. */
  readonly batchSize?: number;
  /** The `last` of the batch before. Default: from the oldest. */
  readonly after?: ArtifactCursor | null;
}

/** What one batch did. */
export interface SweepResult {
  /** Artefacts deleted, unfinished uploads included. */
  readonly deleted: number;
  /** Their bytes; unfinished uploads count as none. */
  readonly bytes: number;
  /** Pass it as `after` for the next batch; null when nothing was left to delete. */
  readonly last: ArtifactCursor | null;
}

interface Deleted {
  readonly id: string;
  readonly size: number;
  readonly createdAt: Date;
}

/** Deletes the oldest artefacts before the cutoff: one batch, one statement, so one transaction. */
export async function deleteOlderThan(database: Database, cutoff: Date, options: SweepOptions): Promise<SweepResult> {
  const { batchSize = 100, after } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > 1000) {
    throw new RangeError(`batchSize must be a whole number from 1 to 1000, got ${batchSize}`);
  }
  // '-infinity' as the start keeps it one statement, whether or not there is a cursor; sent as text, since postgres.js
  // would take it for a JavaScript date.
  const [fromTime, fromId] = after ? [after.createdAt, after.id] : ['-infinity', ''];
  const rows = await database.run(
    (sql) => sql<Deleted[]>`
      with locked as materialized (
        select id, created_at, greatest(size, 1) as bytes from artifacts
        where created_at < ${cutoff} and (created_at, id) > (${fromTime}::text::timestamptz, ${fromId})
        order by created_at, id
        limit ${batchSize}
        for update skip locked
      ), batch as (
        select id, sum(bytes) over (order by created_at, id) - bytes as bytes_before from locked
      ), deleted as (
        delete from artifacts using batch
        where artifacts.id = batch.id and batch.bytes_before < ${BATCH_BYTES}
        returning artifacts.id, artifacts.size, artifacts.created_at
      )
      select id, size, created_at as "createdAt" from deleted order by created_at, id`,
  );
  const last = rows.at(-1);
  return {
    deleted: rows.length,
    bytes: rows.reduce((sum, { size }) => sum + size, 0),
    last: last === undefined ? null : { createdAt: last.createdAt.toISOString(), id: last.id },
  };
}

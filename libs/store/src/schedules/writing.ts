import type postgres from 'postgres';
import type { Database } from '../database';
import { scheduleColumns, toSchedule, type RawSchedule, type ScheduleRow } from './row';

/** Who writes a schedule to Temporal, and how long others leave it alone. */
export interface ScheduleWriter {
  readonly id: string;
  /** A random id of this writer. */
  readonly writer: string;
}

/** What whoever wants to write a schedule to Temporal finds. */
export type ScheduleLease =
  /** It is theirs to write: this row, whole. */
  | { readonly state: 'leased'; readonly row: ScheduleRow }
  /** Another writes it. */
  | { readonly state: 'taken'; readonly row: ScheduleRow }
  /** Temporal has it as it is here. */
  | { readonly state: 'current'; readonly row: ScheduleRow }
  | { readonly state: 'gone' };

/**
 * How a writer's note ended: `lost` when the lease had run out meanwhile, so that nobody knows what was written last and it
 * has to be written again; `gone` when there is no row any more.
 */
export type WriteResult = 'noted' | 'lost' | 'gone';

/** How a write failed. */
export interface WriteFailure {
  /** A code of the error table and its text. */
  readonly reason: string;
  /** Milliseconds until it is named by `pending` again. */
  readonly retryMs: number;
  /** True: it may still reach Temporal. */
  readonly isUnderWay: boolean;
}

/** Longest time that a write is on its way to Temporal after its writer has given it up, milliseconds. */
const SETTLE_MS = 60_000;

/**
 * Leases a schedule that is not on Temporal as it is here, or that is to be written once more. Whoever takes it over from a
 * writer that died has it written again later.
 */
export async function leaseSchedule(
  database: Database,
  { id, writer }: ScheduleWriter,
  leaseMs: number,
): Promise<ScheduleLease> {
  const [raw] = await database.run(
    (sql) => sql<(RawSchedule & { leased: boolean })[]>`
      with leased as (
        update schedules set writer = ${writer},
          lease_until = clock_timestamp() + ${leaseMs}::double precision * interval '1 millisecond',
          rewrite_at = case when writer is null then rewrite_at else ${settled(sql)} end
        where id = ${id} and ${isDue(sql)}
          and (writer is null or lease_until <= clock_timestamp())
        returning *
      )
      select true as leased, ${scheduleColumns(sql)} from leased
      union all
      select false as leased, ${scheduleColumns(sql)} from schedules where id = ${id} and not exists (select from leased)`,
  );
  if (!raw) return { state: 'gone' };
  const { leased, ...rest } = raw;
  const row = toSchedule(rest);
  if (leased) return { state: 'leased', row };
  const isCurrent = row.deletedAt === null && row.appliedVersion >= row.version;
  return { state: isCurrent ? 'current' : 'taken', row };
}

/**
 * Notes what was written to Temporal and ends the lease. A writer that lost its lease may have overwritten what the next one
 * wrote: then the lease of whoever has it by now ends as well, and nothing counts as written.
 */
export async function noteApplied(
  database: Database,
  { id, writer }: ScheduleWriter,
  { version, runAt }: Pick<ScheduleRow, 'version' | 'runAt'>,
): Promise<WriteResult> {
  const [row] = await database.run(
    (sql) => sql<{ appliedVersion: number }[]>`
      update schedules set applied_version = case when writer = ${writer} then ${version}::integer else 0 end,
        applied_run_at = case when writer = ${writer} then ${runAt}::timestamptz else applied_run_at end,
        failure = case when writer = ${writer} then null else failure end,
        rewrite_at = case when writer = ${writer} and rewrite_at <= clock_timestamp() then null else rewrite_at end,
        writer = null, lease_until = null
      where id = ${id} returning applied_version as "appliedVersion"`,
  );
  if (!row) return 'gone';
  return row.appliedVersion === version ? 'noted' : 'lost';
}

/** Deletes the row of a schedule that is gone from Temporal. `lost` also when the id was taken into use again meanwhile. */
export async function noteRemoved(database: Database, { id, writer }: ScheduleWriter): Promise<WriteResult> {
  const [row] = await database.run(
    (sql) => sql<{ removed: boolean }[]>`
      with removed as (
        delete from schedules where id = ${id} and writer = ${writer} and deleted_at is not null returning id
      ), lost as (
        update schedules set applied_version = 0, writer = null, lease_until = null
        where id = ${id} and not (writer is not distinct from ${writer} and deleted_at is not null) returning id
      )
      select true as removed from removed union all select false as removed from lost`,
  );
  if (!row) return 'gone';
  return row.removed ? 'noted' : 'lost';
}

/** Notes why Temporal could not be written, ends the lease and puts the next try by `pending` off. */
export async function noteFailed(
  database: Database,
  { id, writer }: ScheduleWriter,
  { reason, retryMs, isUnderWay }: WriteFailure,
): Promise<void> {
  await database.run(
    (sql) => sql`
      update schedules set failure = ${reason}, writer = null,
        rewrite_at = case when ${isUnderWay} then ${settled(sql)} else rewrite_at end,
        lease_until = clock_timestamp() + ${retryMs}::double precision * interval '1 millisecond'
      where id = ${id} and writer = ${writer}`,
  );
}

/** The ids of schedules that nobody is writing to Temporal and that are due to be, those changed first first. */
export async function pendingSchedules(database: Database, limit: number): Promise<readonly string[]> {
  const rows = await database.run(
    (sql) => sql<{ id: string }[]>`
      select id from schedules
      where ${isDue(sql)}
        and (lease_until is null or lease_until <= clock_timestamp())
      order by updated_at limit ${limit}`,
  );
  return rows.map(({ id }) => id);
}

function isDue(sql: postgres.Sql) {
  return sql`(applied_version <> version or deleted_at is not null or rewrite_at <= clock_timestamp())`;
}

function settled(sql: postgres.Sql) {
  return sql`clock_timestamp() + ${SETTLE_MS}::double precision * interval '1 millisecond'`;
}

import { FleetError } from '@fleet/errors';
import type { Database } from '../database';
import { listSchedules, type ScheduleFilter } from './list';
import {
  columnsOf,
  scheduleColumns,
  scheduleInsert,
  toSchedule,
  type NewSchedule,
  type RawSchedule,
  type ScheduleChange,
  type ScheduleRow,
} from './row';
import {
  leaseSchedule,
  noteApplied,
  noteFailed,
  noteRemoved,
  pendingSchedules,
  type ScheduleLease,
  type ScheduleWriter,
  type WriteFailure,
  type WriteResult,
} from './writing';

/**
 * The schedules: each row says what Temporal's schedule of that id is to be. A change is a new version of the row; whoever
 * made it then writes the whole row to Temporal, one writer at a time (`lease`, `applied`, `removed`, `failed`).
 */
export interface Schedules {
  /** Notes a new one. @throws FleetError `schedule_exists`, `store_unavailable` */
  create(schedule: NewSchedule): Promise<ScheduleRow>;
  /**
   * Changes the spec. Paused and note stay.
   *
   * @param expected The version it must have; undefined = whatever it has.
   * @throws FleetError `schedule_changed`, `schedule_not_found`, `store_unavailable`
   */
  update(id: string, expected: number | undefined, change: ScheduleChange): Promise<ScheduleRow>;
  /**
   * Pauses, or resumes. What is so already keeps its version, unless a pause has a new note.
   *
   * @throws FleetError `schedule_not_found`, `store_unavailable`
   */
  setPaused(id: string, paused: boolean, note?: string): Promise<ScheduleRow>;
  /** True when it was there: from now on it is found by nobody but who writes it. @throws FleetError `store_unavailable` */
  markDeleted(id: string): Promise<boolean>;
  /** @throws FleetError `schedule_not_found`, `store_unavailable` */
  get(id: string): Promise<ScheduleRow>;
  /** Newest first. @param limit 1 to 1,001. @throws FleetError `store_unavailable` */
  list(filter: ScheduleFilter, limit: number): Promise<readonly ScheduleRow[]>;
  /** The ids that are to be written to Temporal and that nobody writes. @throws FleetError `store_unavailable` */
  pending(limit: number): Promise<readonly string[]>;
  /** Has it written to Temporal again as it is, because Temporal lost it. @throws FleetError `store_unavailable` */
  rewrite(id: string): Promise<void>;
  /** Takes the right to write it to Temporal. @param leaseMs until another may. @throws FleetError `store_unavailable` */
  lease(writer: ScheduleWriter, leaseMs: number): Promise<ScheduleLease>;
  /** Notes that Temporal has this row. @throws FleetError `store_unavailable` */
  applied(writer: ScheduleWriter, row: Pick<ScheduleRow, 'version' | 'runAt'>): Promise<WriteResult>;
  /** Notes that Temporal has it no more: the row goes. @throws FleetError `store_unavailable` */
  removed(writer: ScheduleWriter): Promise<WriteResult>;
  /** Notes why it could not be written. @throws FleetError `store_unavailable` */
  failed(writer: ScheduleWriter, failure: WriteFailure): Promise<void>;
}

/** The schedules in a database. */
export function schedulesIn(database: Database): Schedules {
  return {
    create: (schedule) => createSchedule(database, schedule),
    update: (id, expected, change) => updateSchedule(database, id, expected, change),
    setPaused: (id, paused, note) => setPaused(database, id, paused, note),
    async markDeleted(id) {
      const result = await database.run(
        (sql) => sql`
          update schedules set deleted_at = clock_timestamp(), version = version + 1, updated_at = clock_timestamp()
          where id = ${id} and deleted_at is null`,
      );
      return result.count === 1;
    },
    get: (id) => getSchedule(database, id),
    list: (filter, limit) => listSchedules(database, filter, limit),
    pending: (limit) => pendingSchedules(database, limit),
    async rewrite(id) {
      // Whoever is writing it at this moment is doing just that.
      await database.run((sql) => sql`update schedules set applied_version = 0 where id = ${id} and writer is null`);
    },
    lease: (writer, leaseMs) => leaseSchedule(database, writer, leaseMs),
    applied: (writer, row) => noteApplied(database, writer, row),
    removed: (writer) => noteRemoved(database, writer),
    failed: (writer, failure) => noteFailed(database, writer, failure),
  };
}

async function createSchedule(database: Database, schedule: NewSchedule): Promise<ScheduleRow> {
  const [raw] = await database.run(
    (sql) => sql<RawSchedule[]>`${scheduleInsert(sql, schedule)} returning ${scheduleColumns(sql)}`,
  );
  if (!raw) throw new FleetError('schedule_exists', { id: schedule.id });
  return toSchedule(raw);
}

async function updateSchedule(
  database: Database,
  id: string,
  expected: number | undefined,
  change: ScheduleChange,
): Promise<ScheduleRow> {
  const [raw] = await database.run((sql) => {
    const narrowed = expected === undefined ? sql`` : sql`and version = ${expected}`;
    return sql<RawSchedule[]>`
      update schedules set ${sql(columnsOf(change))}, version = version + 1, updated_at = clock_timestamp()
      where id = ${id} and deleted_at is null ${narrowed}
      returning ${scheduleColumns(sql)}`;
  });
  if (raw) return toSchedule(raw);
  const { version } = await getSchedule(database, id);
  throw new FleetError('schedule_changed', { id, version, expected: expected ?? version });
}

async function setPaused(database: Database, id: string, paused: boolean, note?: string): Promise<ScheduleRow> {
  const [raw] = await database.run((sql) => {
    const renamed = paused && note !== undefined ? sql`or note is distinct from ${note}` : sql``;
    return sql<RawSchedule[]>`
      update schedules set paused = ${paused}, note = ${note ?? null}, version = version + 1,
        updated_at = clock_timestamp()
      where id = ${id} and deleted_at is null and (paused <> ${paused} ${renamed})
      returning ${scheduleColumns(sql)}`;
  });
  return raw ? toSchedule(raw) : getSchedule(database, id);
}

async function getSchedule(database: Database, id: string): Promise<ScheduleRow> {
  const [raw] = await database.run(
    (sql) => sql<RawSchedule[]>`
      select ${scheduleColumns(sql)} from schedules where id = ${id} and deleted_at is null`,
  );
  if (!raw) throw new FleetError('schedule_not_found', { id });
  return toSchedule(raw);
}

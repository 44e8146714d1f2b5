import type { Database } from '../database';
import { scheduleColumns, toSchedule, type RawSchedule, type ScheduleKind, type ScheduleRow } from './row';

/** Where a page of the list ended. */
export interface ScheduleCursor {
  readonly createdAt: Date;
  readonly id: string;
}

/** What the list is narrowed to; what is left out does not narrow. */
export interface ScheduleFilter {
  readonly kind?: ScheduleKind | undefined;
  readonly workflow?: string | undefined;
  readonly after?: ScheduleCursor | undefined;
}

/** The schedules that fit and are not deleted, newest first. */
export async function listSchedules(
  database: Database,
  { kind, workflow, after }: ScheduleFilter,
  limit: number,
): Promise<readonly ScheduleRow[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1001) throw new RangeError(`limit ${limit} is not 1 to 1001`);
  const rows = await database.run((sql) => {
    const narrowed = [
      kind === undefined ? sql`` : sql`and kind = ${kind}`,
      workflow === undefined ? sql`` : sql`and workflow = ${workflow}`,
      after === undefined ? sql`` : sql`and (created_at, id) < (${after.createdAt}, ${after.id})`,
    ];
    return sql<RawSchedule[]>`
      select ${scheduleColumns(sql)} from schedules
      where deleted_at is null ${narrowed}
      order by created_at desc, id desc
      limit ${limit}`;
  });
  return rows.map(toSchedule);
}

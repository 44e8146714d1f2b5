import type postgres from 'postgres';
import type { Database } from '../database';
import type { NoticeRow } from './row';

/** Where a page of the list ended. */
export interface NoticeCursor {
  readonly createdAt: Date;
  readonly id: string;
}

/** What the list is narrowed to; what is left out does not narrow. */
export interface NoticeFilter {
  readonly monitorId?: string | undefined;
  readonly executionId?: string | undefined;
  readonly after?: NoticeCursor | undefined;
}

/** A row as the columns have it: JSON is text. */
export type RawNotice = Omit<NoticeRow, 'payload'> & { readonly payload: string };

/** The columns of a RawNotice. */
export function noticeColumns(sql: postgres.Sql) {
  return sql`id, execution_id as "executionId", monitor_id as "monitorId", owner, channel, address, payload, status,
    attempts, reason, created_at as "createdAt", next_attempt_at as "nextAttemptAt", closed_at as "closedAt"`;
}

/** The row with its JSON read. */
export function toNotice(raw: RawNotice): NoticeRow {
  return { ...raw, payload: JSON.parse(raw.payload) as unknown };
}

/** The notices that fit, newest first. */
export async function listNotices(
  database: Database,
  { monitorId, executionId, after }: NoticeFilter,
  limit: number,
): Promise<readonly NoticeRow[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 201) throw new RangeError(`limit ${limit} is not 1 to 201`);
  const rows = await database.run((sql) => {
    const narrowed = [
      monitorId === undefined ? sql`` : sql`and monitor_id = ${monitorId}`,
      executionId === undefined ? sql`` : sql`and execution_id = ${executionId}`,
      after === undefined ? sql`` : sql`and (created_at, id) < (${after.createdAt}, ${after.id})`,
    ];
    return sql<RawNotice[]>`
      select ${noticeColumns(sql)} from notices
      where true ${narrowed}
      order by created_at desc, id desc
      limit ${limit}`;
  });
  return rows.map(toNotice);
}

import type postgres from 'postgres';
import type { Database } from '../database';
import type { MonitorRow, MonitorState } from './row';

/** Where a page of the list ended. */
export interface MonitorCursor {
  readonly createdAt: Date;
  readonly id: string;
}

/** What the list is narrowed to; what is left out does not narrow. */
export interface MonitorFilter {
  readonly state?: MonitorState | undefined;
  readonly owner?: string | undefined;
  readonly after?: MonitorCursor | undefined;
}

/** A monitor as the columns have it: JSON is text. */
export type RawMonitor = Omit<MonitorRow, 'search'> & { readonly search: string };

/** The columns of a RawMonitor. The secret is not one of them, nor is the state that was found last, which is large. */
export function monitorColumns(sql: postgres.Sql) {
  return sql`id, owner, name, query, condition, search, compare, notify, email, webhook_url as "webhookUrl", cron, timezone,
    jitter_seconds as "jitterSeconds", catchup_seconds as "catchupSeconds", state, version,
    last_state_hash as "lastStateHash", last_condition_met as "lastConditionMet", failures,
    failure_class as "failureClass", created_at as "createdAt", updated_at as "updatedAt"`;
}

/** The monitor with its JSON read. */
export function toMonitor(raw: RawMonitor): MonitorRow {
  return { ...raw, search: JSON.parse(raw.search) as MonitorRow['search'] };
}

/** The monitors that fit, newest first. */
export async function listMonitors(
  database: Database,
  { state, owner, after }: MonitorFilter,
  limit: number,
): Promise<readonly MonitorRow[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 201) throw new RangeError(`limit ${limit} is not 1 to 201`);
  const rows = await database.run((sql) => {
    const narrowed = [
      state === undefined ? sql`` : sql`and state = ${state}`,
      owner === undefined ? sql`` : sql`and owner = ${owner}`,
      after === undefined ? sql`` : sql`and (created_at, id) < (${after.createdAt}, ${after.id})`,
    ];
    return sql<RawMonitor[]>`
      select ${monitorColumns(sql)} from monitors
      where true ${narrowed}
      order by created_at desc, id desc
      limit ${limit}`;
  });
  return rows.map(toMonitor);
}

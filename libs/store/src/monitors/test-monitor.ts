import postgres from 'postgres';
import { newId } from '../ids';
import { monitorScheduleId } from './schedule-of';
import type { MonitorSearch } from './search';

/** What a monitor of a spec differs in; the default is an `exact`, `track_state` monitor of a page, each hour. */
export interface TestMonitor {
  readonly search?: MonitorSearch;
  readonly compare?: 'exact' | 'meaning';
  readonly notify?: 'once' | 'always' | 'track_state';
  readonly condition?: string;
  /** Null: each result says when the next run is. */
  readonly cron?: string | null;
  readonly state?: 'active' | 'paused' | 'completed';
  readonly failures?: number;
  readonly runAt?: Date | null;
}

/** Writes a monitor with its schedule, which Temporal was told of already. For specs only. @returns its id. */
export async function insertTestMonitor(sql: postgres.Sql, monitor: TestMonitor = {}): Promise<string> {
  const {
    search = { provider: 'http', urls: ['http://example.com/'] },
    compare = 'exact',
    notify = 'track_state',
  } = monitor;
  const { condition = 'there are tickets', cron = '0 * * * *', state = 'active', failures = 0, runAt = null } = monitor;
  const id = newId('mon');
  await sql`
    insert into monitors (id, owner, name, query, condition, search, compare, notify, cron, state, failures)
    values (${id}, 'ada', 'Tickets', 'tickets for the play', ${condition}, ${JSON.stringify(search)}, ${compare},
      ${notify}, ${cron}, ${state}, ${failures})`;
  await sql`
    insert into schedules (id, owner, workflow, queue, input, kind, cron, run_at, applied_version)
    values (${monitorScheduleId(id)}, 'ada', 'monitor', 'scheduled', ${JSON.stringify({ monitorId: id })}, 'monitor', ${cron},
      ${runAt}, 1)`;
  return id;
}

/** The schedule of a monitor: when the next run is, and whether it is to go. For specs only. */
export async function testSchedule(sql: postgres.Sql, monitorId: string) {
  const [row] = await sql<{ runAt: Date | null; version: number; deleted: boolean }[]>`
    select run_at as "runAt", version, deleted_at is not null as deleted from schedules
    where id = ${monitorScheduleId(monitorId)}`;
  if (row === undefined) throw new Error(`no schedule of ${monitorId}`);
  return row;
}

import type { Database } from './database';
import type { NoticeChannel } from './monitors/row';
import { scheduleOfChanged } from './monitors/schedule-of';

/** What finds where rows and schedules have come apart. It changes nothing but what `scheduleMonitor` says. */
export interface Reconciliation {
  /** Id of this fleet, which is that of its database. @throws FleetError `store_unavailable` */
  fleet(): Promise<string>;
  /** Which of these schedules have a row, also one that is to go. @throws FleetError `store_unavailable` */
  knownSchedules(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Schedules that Temporal is thought to have, in the order of their ids. @throws FleetError `store_unavailable` */
  settledSchedules(after: string, limit: number): Promise<readonly string[]>;
  /** Schedules of monitors that are gone or completed. @throws FleetError `store_unavailable` */
  schedulesWithoutMonitor(limit: number): Promise<readonly string[]>;
  /** Monitors that are to run and have no schedule. @throws FleetError `store_unavailable` */
  monitorsWithoutSchedule(limit: number): Promise<readonly string[]>;
  /** Gives such a monitor its schedule; one without a cron runs at once. @throws FleetError `store_unavailable` */
  scheduleMonitor(monitorId: string): Promise<void>;
  /**
   * Schedules of active monitors without a cron whose run was due before then, and which nothing runs: whoever was to name
   * the next run did not get to it.
   *
   * @throws FleetError `store_unavailable`
   */
  stalledSchedules(before: Date, limit: number): Promise<readonly string[]>;
  /**
   * Runs of the last day that ended before then, of which people were to be told, and no notice was written.
   *
   * @throws FleetError `store_unavailable`
   */
  untoldExecutions(before: Date, limit: number): Promise<readonly string[]>;
  /** Notices that should have been tried before then, and were not. @throws FleetError `store_unavailable` */
  overdueNotices(before: Date, limit: number): Promise<readonly OverdueNotice[]>;
}

/** A notice that nobody delivers. */
export interface OverdueNotice {
  readonly noticeId: string;
  readonly executionId: string;
  readonly channel: NoticeChannel;
}

/** The reconciliation of a database. */
export function reconciliationIn(database: Database): Reconciliation {
  return {
    async fleet() {
      const [row] = await database.run((sql) => sql<[{ id: string }]>`select id from fleet`);
      return row.id;
    },
    knownSchedules: async (asked) =>
      new Set(
        await ids(
          database.run(
            (sql) =>
              sql<{ id: string }[]>`select id from schedules where id in ${sql(['', ...asked] as readonly string[])}`,
          ),
        ),
      ),
    settledSchedules: (after, limit) =>
      ids(
        database.run(
          (sql) => sql<{ id: string }[]>`
            select id from schedules
            where id > ${after} and deleted_at is null and applied_version = version
            order by id limit ${limit}`,
        ),
      ),
    schedulesWithoutMonitor: (limit) =>
      ids(
        database.run(
          (sql) => sql<{ id: string }[]>`
            select s.id from schedules s
            where s.kind = 'monitor' and s.deleted_at is null
              and not exists (select from monitors m where s.id = 'monitor/' || m.id and m.state <> 'completed')
            order by s.id limit ${limit}`,
        ),
      ),
    monitorsWithoutSchedule: (limit) =>
      ids(
        database.run(
          (sql) => sql<{ id: string }[]>`
            select m.id from monitors m
            where m.state <> 'completed'
              and not exists (select from schedules s where s.id = 'monitor/' || m.id and s.deleted_at is null)
            order by m.id limit ${limit}`,
        ),
      ),
    async scheduleMonitor(monitorId) {
      await database.run(
        (sql) => sql`
          with changed as (select * from monitors where id = ${monitorId})
          ${scheduleOfChanged(sql, null)}`,
      );
    },
    stalledSchedules: (before, limit) =>
      ids(
        database.run(
          (sql) => sql<{ id: string }[]>`
            select s.id from schedules s join monitors m on s.id = 'monitor/' || m.id
            where m.state = 'active' and s.cron is null and s.deleted_at is null and s.run_at < ${before}
              and not exists (select from monitor_executions e where e.monitor_id = m.id and e.closed_at is null)
            order by s.id limit ${limit}`,
        ),
      ),
    untoldExecutions: (before, limit) => untoldExecutions(database, before, limit),
    overdueNotices: (before, limit) => overdueNotices(database, before, limit),
  };
}

async function ids(rows: PromiseLike<readonly { readonly id: string }[]>): Promise<readonly string[]> {
  return (await rows).map(({ id }) => id);
}

function untoldExecutions(database: Database, before: Date, limit: number): Promise<readonly string[]> {
  return ids(
    database.run(
      (sql) => sql<{ id: string }[]>`
        select e.id from monitor_executions e join monitors m on m.id = e.monitor_id
        where e.notify and e.status = 'success' and e.closed_at < ${before}
          and e.closed_at > clock_timestamp() - interval '1 day'
          and (m.email is not null or m.webhook_url is not null)
          and not exists (select from notices n where n.execution_id = e.id)
        order by e.closed_at limit ${limit}`,
    ),
  );
}

function overdueNotices(database: Database, before: Date, limit: number): Promise<readonly OverdueNotice[]> {
  return database.run(
    (sql) => sql<OverdueNotice[]>`
      select id as "noticeId", execution_id as "executionId", channel from notices
      where status = 'pending' and coalesce(next_attempt_at, created_at) < ${before}
      order by created_at limit ${limit}`,
  );
}

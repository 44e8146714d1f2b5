import type postgres from 'postgres';
import type { Database } from '../database';
import { BACK_OFF } from './back-off';
import { getExecution } from './execution-list';
import type { ClosedExecution, ExecutionFailure, ExecutionKey } from './execution-row';
import { openScheduled } from './open-execution';
import { defaultNextRun, runAtUnlessNamed } from './next-run';
import { monitorScheduleId } from './schedule-of';

/** What a run fails with that nobody works on any more. */
const ABANDONED: ExecutionFailure = {
  failureClass: 'timeout',
  code: 'workflow_timed_out',
  message: 'The run did not come to its end in time',
};

/** Closes a run as failed, in one statement. The more runs have failed in a row, the later the next. */
export async function failExecution(
  database: Database,
  run: ExecutionKey,
  failure: ExecutionFailure,
): Promise<ClosedExecution | undefined> {
  const id = await toClose(database, run);
  return id === undefined ? undefined : failById(database, id, failure);
}

/** Closes a run that is open and that nobody works on, as failed. */
export async function reapExecution(database: Database, id: string): Promise<ClosedExecution | undefined> {
  return (await isThere(database, id)) ? failById(database, id, ABANDONED) : undefined;
}

async function failById(database: Database, id: string, failure: ExecutionFailure): Promise<ClosedExecution> {
  const { failureClass, code, message } = failure;
  const { first, factor, longest } = BACK_OFF[failureClass];
  await database.run(
    (sql) => sql`
      with monitor as (
        select m.id from monitors m join monitor_executions e on e.monitor_id = m.id where e.id = ${id} for update of m
      ), closed as (
        update monitor_executions set status = 'failed', state = null, failure_class = ${failureClass}, error_code = ${code},
          error_message = ${storable(message)}, closed_at = clock_timestamp()
        from monitor
        where monitor_executions.id = ${id} and status in ('pending', 'running') and monitor_id = monitor.id
        returning monitor_executions.*
      ), kept as (
        update monitors set failures = monitors.failures + 1, failure_class = ${failureClass}
        from closed where monitors.id = closed.monitor_id
        returning monitors.id, monitors.state,
          -- Said by a busy page, unless the table says later.
          greatest(closed.next_run_at, clock_timestamp() + least(${longest}::double precision,
            ${first}::double precision * power(${factor}::double precision, least(monitors.failures, 20) - 1))
            * interval '1 second') as back_at
      ), planned as (
        select closed.monitor_id, closed.trigger, kept.back_at
        from closed join kept on kept.id = closed.monitor_id and kept.state = 'active'
      )
      ${writePlanned(
        sql,
        sql`case when planned.trigger = 'schedule' then planned.back_at
          else ${runAtUnlessNamed(sql, sql`planned.back_at`)} end`,
      )}`,
  );
  return closedExecution(database, id);
}

/** Closes a run as canceled, in one statement: no failure, and the next run is when it would be anyway. */
export async function cancelExecution(database: Database, run: ExecutionKey): Promise<ClosedExecution | undefined> {
  const id = await toClose(database, run);
  if (id === undefined) return undefined;
  await database.run(
    (sql) => sql`
      with monitor as (
        select m.id, m.state from monitors m join monitor_executions e on e.monitor_id = m.id where e.id = ${id}
        for update of m
      ), closed as (
        update monitor_executions set status = 'canceled', state = null, reason = 'it was canceled', closed_at = clock_timestamp()
        from monitor
        where monitor_executions.id = ${id} and status in ('pending', 'running') and monitor_id = monitor.id
        returning monitor_executions.*
      ), planned as (
        select closed.monitor_id, closed.trigger
        from closed join monitor on monitor.id = closed.monitor_id and monitor.state = 'active'
      )
      ${writePlanned(sql, runAtUnlessNamed(sql, defaultNextRun(sql)))}`,
  );
  return closedExecution(database, id);
}

/** Sets the next run. Of `schedules` the time may read what is there by now, which no CTE of the statement can. */
function writePlanned(sql: postgres.Sql, runAt: postgres.Fragment) {
  return sql`
    update schedules set run_at = ${runAt}, version = schedules.version + 1, updated_at = clock_timestamp()
    from planned
    where schedules.id = ${monitorScheduleId('')} || planned.monitor_id and schedules.run_at is distinct from ${runAt}`;
}

/** The run as it is, and whether Temporal is still to be told of its monitor's schedule. */
export async function closedExecution(database: Database, id: string): Promise<ClosedExecution> {
  const execution = await getExecution(database, id);
  const [schedule] = await database.run(
    (sql) => sql<{ unapplied: boolean }[]>`
      select applied_version <> version or deleted_at is not null as unapplied from schedules
      where id = ${monitorScheduleId(execution.monitorId)}`,
  );
  return { execution, scheduleChanged: schedule?.unapplied ?? false };
}

/**
 * The execution of a run. One that a schedule started and that found no Postgres to open it in is opened now: it is part of
 * what the monitor did, and its end says when the next run is.
 */
async function toClose(database: Database, run: ExecutionKey): Promise<string | undefined> {
  const id = await idOf(database, run);
  if (id !== undefined || run.executionId !== undefined) return id;
  const opened = await openScheduled(database, run);
  return opened.status === 'running' ? opened.executionId : undefined;
}

async function idOf(database: Database, run: ExecutionKey): Promise<string | undefined> {
  const { monitorId, executionId = null, runId } = run;
  const [row] = await database.run(
    (sql) => sql<{ id: string }[]>`
      select id from monitor_executions
      where monitor_id = ${monitorId} and (id = ${executionId} or run_id = ${runId})
      order by id = ${executionId} desc limit 1`,
  );
  return row?.id;
}

/** What Postgres holds: a provider may have said it with a NUL in it, and a run that cannot be closed stays open. */
function storable(message: string): string {
  return message.replaceAll('\0', ' ').slice(0, 500);
}

async function isThere(database: Database, id: string): Promise<boolean> {
  const rows = await database.run((sql) => sql`select from monitor_executions where id = ${id}`);
  return rows.count === 1;
}

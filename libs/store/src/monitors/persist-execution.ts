import type postgres from 'postgres';
import type { Database } from '../database';
import { closedExecution } from './close-execution';
import type { ClosedExecution } from './execution-row';
import { defaultNextRun, runAtUnlessNamed } from './next-run';
import { monitorScheduleId } from './schedule-of';

/**
 * Closes a run as a success, in one statement. The row of the monitor is locked first: whatever a person changes meanwhile
 * comes before or after the decision, never into it.
 */
export async function persistExecution(database: Database, executionId: string): Promise<ClosedExecution> {
  await database.run((sql) => {
    // Not in a CTE, which has the schedule as it was before the monitor was waited for.
    const runAt = sql`case when planned.next_run_at is not null and not planned.outdated then planned.next_run_at
      else ${runAtUnlessNamed(sql, sql`case when planned.outdated then clock_timestamp() else ${defaultNextRun(sql)} end`)} end`;
    return sql`
      with run as (
        select e.*, m.notify as whom, m.state as stands, coalesce(e.question <> m.question, false) as outdated
        from monitor_executions e join monitors m on m.id = e.monitor_id
        where e.id = ${executionId} and e.status = 'running' and e.comparison is not null
        for update of m
      ), decided as (
        select run.*, ${decision(sql)} as verdict from run
      ), closed as (
        update monitor_executions set status = 'success', closed_at = clock_timestamp(), state = null,
          notify = (decided.verdict like 'tell: %'), reason = regexp_replace(decided.verdict, '^tell: ', '')
        from decided where monitor_executions.id = decided.id and monitor_executions.status = 'running'
        returning monitor_executions.*, decided.state as found, decided.outdated,
          -- Paused meanwhile or before: it has told once all the same.
          decided.stands <> 'completed' and not decided.outdated and not decided.suppress_notifications and (
            monitor_executions.final or
            (decided.whom = 'once' and decided.verdict like 'tell: %')) as completes
      ), kept as (
        update monitors set last_state = case when closed.outdated then monitors.last_state else closed.found end,
          last_state_hash = case when closed.outdated then monitors.last_state_hash else closed.state_hash end,
          last_condition_met = case when closed.outdated then monitors.last_condition_met else closed.condition_met end,
          failures = 0, failure_class = null,
          state = case when closed.completes then 'completed' else monitors.state end,
          version = monitors.version + closed.completes::integer,
          updated_at = case when closed.completes then clock_timestamp() else monitors.updated_at end
        from closed where monitors.id = closed.monitor_id
        returning monitors.id, monitors.state
      ), planned as (
        select closed.monitor_id, closed.trigger, closed.next_run_at, closed.completes, closed.outdated
        from closed join kept on kept.id = closed.monitor_id
        where closed.completes or kept.state = 'active'
      )
      update schedules set run_at = ${runAt},
        deleted_at = case when planned.completes then coalesce(schedules.deleted_at, clock_timestamp())
          else schedules.deleted_at end,
        version = schedules.version + 1, updated_at = clock_timestamp()
      from planned
      where schedules.id = ${monitorScheduleId('')} || planned.monitor_id
        and (schedules.run_at is distinct from ${runAt} or schedules.deleted_at is null and planned.completes)`;
  });
  return closedExecution(database, executionId);
}

/** Whether people are told, and why: the whole rule in one place. */
function decision(sql: postgres.Sql) {
  return sql`case
    when run.outdated then 'what the monitor asks was changed while it ran'
    when not run.condition_met then 'the condition is not met'
    when run.suppress_notifications then 'the condition is met, but nobody was to be told of this run'
    when run.whom = 'always' then 'tell: the condition is met'
    when run.whom = 'once' and run.stands = 'completed' then 'the condition is met, but the monitor is completed'
    when run.whom = 'once' then 'tell: the condition is met for the first time'
    when run.comparison = 'baseline' then 'the condition is met, but the first run only says where it starts from'
    when run.changed then 'tell: the condition is met and the state has changed'
    else 'the condition is met, but nothing has changed since the last run' end`;
}

import type postgres from 'postgres';

/** Hours until the next run of a monitor without a cron whose result named none. */
export const DEFAULT_NEXT_RUN_HOURS = 24;

/** What the end of a run did to the monitor's schedule. */
export interface ScheduleEffect {
  /** The row of the schedule says something else than Temporal was last told. */
  readonly scheduleChanged: boolean;
}

/**
 * `run_at` of the schedule after a run that named no time: none with a cron, which then decides again. A run that somebody
 * asked for leaves a time that is still to come as it is. Needs a row `planned` with the trigger, and `schedules` as the table
 * that is updated: then it is the newest row, also when somebody changed it while the statement waited for the monitor.
 *
 * @param otherwise The time of a monitor without a cron.
 */
export function runAtUnlessNamed(sql: postgres.Sql, otherwise: postgres.Fragment) {
  return sql`case
    when planned.trigger = 'manual' and schedules.run_at > clock_timestamp() then schedules.run_at
    when schedules.cron is not null then null
    else ${otherwise} end`;
}

/** The default time of the next run. */
export function defaultNextRun(sql: postgres.Sql) {
  return sql`clock_timestamp() + ${DEFAULT_NEXT_RUN_HOURS} * interval '1 hour'`;
}

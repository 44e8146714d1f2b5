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
 * asked for leaves a time that is still to come as it is. Needs `schedules` and a row `closed` with the trigger.
 *
 * @param otherwise The time of a monitor without a cron.
 */
export function runAtUnlessNamed(sql: postgres.Sql, otherwise: postgres.Fragment) {
  return sql`case
    when closed.trigger = 'manual' and schedules.run_at > clock_timestamp() then schedules.run_at
    when schedules.cron is not null then null
    else ${otherwise} end`;
}

/** The default time of the next run. */
export function defaultNextRun(sql: postgres.Sql) {
  return sql`clock_timestamp() + ${DEFAULT_NEXT_RUN_HOURS} * interval '1 hour'`;
}

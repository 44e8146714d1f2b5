import type postgres from 'postgres';

/** Id of the schedule of a monitor: its row's, and that of Temporal. */
export function monitorScheduleId(monitorId: string): string {
  return `monitor/${monitorId}`;
}

/**
 * The CTE that makes the row of the schedule what the monitor in the CTE `changed` asks for, in the same statement. A
 * completed monitor has none. A row that is right already keeps its version, so that Temporal is not written for nothing.
 *
 * @param firstRunSeconds from now until a schedule without a cron runs first; null: a cron runs by its cron alone.
 */
export function scheduleOfChanged(sql: postgres.Sql, firstRunSeconds: number | null) {
  const soon = sql`clock_timestamp() + ${firstRunSeconds ?? 0}::integer * interval '1 second'`;
  const firstRun = firstRunSeconds === null ? sql`case when cron is null then ${soon} end` : soon;
  return sql`
    insert into schedules (id, owner, workflow, queue, input, kind, cron, run_at, timezone, jitter_seconds,
      catchup_seconds, paused)
    select 'monitor/' || id, owner, 'monitor', 'scheduled', json_build_object('monitorId', id)::text, 'monitor', cron,
      ${firstRun}, timezone, jitter_seconds, catchup_seconds, state = 'paused'
    from changed where state <> 'completed'
    on conflict (id) do update set
      cron = excluded.cron, timezone = excluded.timezone, jitter_seconds = excluded.jitter_seconds,
      catchup_seconds = excluded.catchup_seconds, paused = excluded.paused, deleted_at = null,
      -- A next run that was named, or the wait after a failure, holds as long as the clock that it takes the place of.
      run_at = case
        -- Resumed without a cron: not before now, and now when nothing says when.
        when schedules.paused and not excluded.paused and schedules.deleted_at is null and schedules.cron is null
          and excluded.cron is null then greatest(schedules.run_at, excluded.run_at)
        when schedules.deleted_at is null and schedules.cron is not distinct from excluded.cron
          and schedules.timezone = excluded.timezone then schedules.run_at
        else excluded.run_at end,
      version = schedules.version + 1, updated_at = clock_timestamp()
    where schedules.deleted_at is not null
      or (schedules.cron, schedules.timezone, schedules.jitter_seconds, schedules.catchup_seconds, schedules.paused)
        is distinct from
        (excluded.cron, excluded.timezone, excluded.jitter_seconds, excluded.catchup_seconds, excluded.paused)`;
}

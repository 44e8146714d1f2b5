import { dateTime } from '../../output/format';
import { fields } from '../../output/table';
import type { Schedule, ScheduleDetails } from '../../schedule-contract';

/** Path of a schedule, or of something below it. */
export function schedulePath(id: string, below = ''): string {
  return `/v1/schedules/${encodeURIComponent(id)}${below}`;
}

/** When it runs, in a few words. */
export function timesOf({ cron, run_at: runAt, timezone }: Schedule): string {
  const byCron = cron === null ? undefined : `${cron} ${timezone}`;
  const once = runAt === null ? undefined : `once ${dateTime(runAt)}`;
  return [once, byCron].filter((text) => text !== undefined).join(', then ');
}

/** One line a field. */
export function describedSchedule(schedule: Schedule & Partial<ScheduleDetails>): string {
  const { next_runs: next, recent_runs: recent } = schedule;
  return fields([
    ['id', schedule.id],
    ['kind', schedule.kind],
    ['workflow', schedule.workflow],
    ['input', JSON.stringify(schedule.input)],
    ['queue', schedule.queue],
    ['runs', timesOf(schedule)],
    ['jitter', schedule.jitter_seconds > 0 ? `${schedule.jitter_seconds} s` : undefined],
    ['catch-up', `${schedule.catchup_seconds} s`],
    ['paused', schedule.paused ? `yes${schedule.note ? `: ${schedule.note}` : ''}` : 'no'],
    ['version', schedule.version],
    ['applied', schedule.applied ? 'yes' : `not yet${schedule.failure ? `: ${schedule.failure}` : ''}`],
    ['next runs', next?.slice(0, 3).map(dateTime).join(', ')],
    [
      'last runs',
      recent
        ?.slice(-3)
        .map(({ workflow_id: id, started_at: at }) => `${id} (${dateTime(at)})`)
        .join(', '),
    ],
  ]);
}

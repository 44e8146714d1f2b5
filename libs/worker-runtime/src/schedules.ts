import type { ScheduleSpec } from '@fleet/temporal-client';

/** A schedule that code states. */
export type OwnSchedule = ScheduleSpec & {
  /** True: it also runs when the app starts, unless a run of it is going on. Default false. */
  readonly atStart?: boolean;
};

/** Schedules owned by this code: created at start, changed only when this text changes, never unpaused. */
export const SCHEDULES: readonly OwnSchedule[] = [
  { id: 'daily-maintenance', cron: '0 2 * * *', workflow: 'dailyMaintenance', input: {}, queue: 'scheduled' },
  // At a minute of its own: on the hour everybody's schedules are due.
  { id: 'hourly-reconcile', cron: '17 * * * *', workflow: 'reconcile', input: {}, queue: 'background', atStart: true },
];

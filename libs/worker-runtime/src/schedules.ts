import type { ScheduleSpec } from '@fleet/temporal-client';

/** Schedules owned by this code: created at start, changed only when this text changes, never unpaused. */
export const SCHEDULES: readonly ScheduleSpec[] = [
  { id: 'daily-maintenance', cron: '0 2 * * *', workflow: 'dailyMaintenance', input: {}, queue: 'scheduled' },
];

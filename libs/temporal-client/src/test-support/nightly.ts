import type { WholeSchedule } from '../fleet-client';

/** A whole schedule of a workflow that the test worker has. */
export const NIGHTLY: WholeSchedule = {
  fleet: 'flt_nightly',
  id: 'nightly',
  owner: 'ada',
  workflow: 'dailyMaintenance',
  input: { olderThanDays: 3 },
  queue: 'scheduled',
  cron: '0 2 * * *',
  runAt: null,
  timezone: 'UTC',
  jitterSeconds: 0,
  catchupSeconds: 3600,
  paused: false,
  note: null,
  version: 1,
  appliedVersion: 0,
};

export { applyPending, applySchedule, type Applied, type ApplyOptions, type ScheduleWriting } from './apply';
export { ensureSchedule, type CodeScheduling } from './code-owned';
export { NO_SCHEDULES, type ScheduleServer } from './server';

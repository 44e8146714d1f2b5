import { ACTIVITY_ERRORS } from './table/activities';
import { CHAT_ERRORS } from './table/chat';
import { CONFIGURATION_ERRORS } from './table/configuration';
import { DURABLE_WORKFLOW_ERRORS } from './table/durable-workflows';
import { MONITOR_ERRORS } from './table/monitors';
import { REQUEST_ERRORS } from './table/requests';
import { SCHEDULE_ERRORS } from './table/schedules';

export type { ErrorRow } from './table/error-row';

/**
 * THE ERROR TABLE, by area. Every error a user can meet, over HTTP, in a failed job or on a terminal, has one row in table/
 * and one in docs/errors.md (a test compares the two). The key is the `code` of a problem+json answer and the `type` of a
 * workflow's ApplicationFailure.
 */
export const ERRORS = {
  ...CONFIGURATION_ERRORS,
  ...REQUEST_ERRORS,
  ...DURABLE_WORKFLOW_ERRORS,
  ...ACTIVITY_ERRORS,
  ...CHAT_ERRORS,
  ...MONITOR_ERRORS,
  ...SCHEDULE_ERRORS,
} as const;

/** A code of the error table. */
export type ErrorCode = keyof typeof ERRORS;

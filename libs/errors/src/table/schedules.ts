import type { ErrorRow } from './error-row';

/** Schedules: rows of Postgres that decide what Temporal's schedules are. */
export const SCHEDULE_ERRORS = {
  schedule_not_found: {
    status: 404,
    message: 'No schedule has the id {id}',
    remedy: 'GET /v1/schedules lists them.',
  },
  schedule_exists: {
    status: 409,
    message: 'A schedule with the id {id} exists already',
    remedy: 'Read it at "location" and change it there, or choose another id.',
  },
  schedule_changed: {
    status: 412,
    message: 'The schedule {id} was changed meanwhile: it has version {version}, not {expected}',
    remedy: 'Read it at "location" and send the change again with the ETag of that answer in If-Match.',
  },
  schedule_owned: {
    status: 409,
    message: 'The schedule {id} belongs to {owner} and is not changed here',
    remedy: 'Change it at {where}.',
  },
  schedule_refused: {
    status: 422,
    message: 'Temporal cannot have the schedule {id}: {reason}',
    remedy: 'Change the schedule; what is written down here is tried again every minute.',
  },
} as const satisfies Record<string, ErrorRow>;

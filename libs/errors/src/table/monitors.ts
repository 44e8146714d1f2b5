import type { ErrorRow } from './error-row';

/** Failures of monitors, of their runs, and of the notices they send. */
export const MONITOR_ERRORS = {
  monitor_not_found: {
    status: 404,
    message: 'No monitor has the id {id}',
    remedy: 'GET /v1/monitors lists them.',
  },
  monitor_changed: {
    status: 412,
    message: 'The monitor {id} was changed meanwhile: it has the version {version}',
    remedy: 'Read it again, and send your change with the version it has in If-Match.',
  },
  monitor_state_conflict: {
    status: 409,
    message: 'The monitor {id} is {state}, so it cannot become {wanted}',
    remedy: 'Read it again: somebody changed it, or it has completed and can only be resumed.',
  },
  preview_timed_out: {
    status: 504,
    message: 'The preview was not done within {seconds} s',
    remedy: 'Check with fleet queues that a worker polls standard, and that the pages answer.',
  },
  execution_not_found: {
    status: 404,
    message: 'No run of a monitor has the id {id}',
    remedy:
      'Check the id; a run goes with its monitor, and the list of executions of a monitor has those that there are.',
  },
  monitor_running: {
    status: 409,
    message: 'A run of the monitor {id} is open: {execution}',
    remedy: 'Wait until it has ended; GET /v1/monitors/{id:encoded}/executions shows how it stands.',
  },
  mail_not_configured: {
    status: 422,
    message: 'No mail server is configured',
    remedy: 'Set FLEET_SMTP_URL and FLEET_MAIL_FROM; docs/configuration.md has both.',
  },
  mail_refused: {
    status: 422,
    message: 'The mail server refused the address for good: {reason}',
    remedy: 'Correct the address of the monitor; trying again with the same one gives the same answer.',
  },
  mail_failed: {
    status: 502,
    message: 'The mail server did not take the message: {reason}',
    remedy: 'It is tried again by itself; if it keeps failing, check FLEET_SMTP_URL, FLEET_MAIL_FROM and that server.',
  },
  mail_timed_out: {
    status: 504,
    message: 'The mail server was too slow: {reason}',
    remedy: 'It is tried again by itself; if it keeps failing, check FLEET_SMTP_URL and that server.',
  },
  webhook_gone: {
    status: 422,
    message: 'The webhook {url} answered 410: it is gone for good',
    remedy: 'Give the monitor the address of a receiver that is there.',
  },
  page_failed: {
    status: 502,
    message: '{url} answered {status}',
    remedy: 'It is tried again by itself; if it keeps failing, check that server.',
  },
  page_busy: {
    status: 429,
    message: '{url} is busy: it answered {status}',
    remedy: 'The monitor waits by itself; if it stays so, run it less often.',
  },
  page_refused: {
    status: 422,
    message: '{url} answered {status}',
    remedy: 'Correct the address in the monitor; it is tried again with its next run.',
  },
  page_unreadable: {
    status: 422,
    message: '{url} is no text: its type is {type}',
    remedy: 'Give the monitor the address of a page of HTML, JSON, XML or plain text.',
  },
} as const satisfies Record<string, ErrorRow>;

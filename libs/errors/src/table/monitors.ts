import type { ErrorRow } from './error-row';

/** Failures of monitors, of their runs, and of the notices they send. */
export const MONITOR_ERRORS = {
  execution_not_found: {
    status: 404,
    message: 'No run of a monitor has the id {id}',
    remedy:
      'Check the id; a run goes with its monitor, and the list of executions of a monitor has those that there are.',
  },
} as const satisfies Record<string, ErrorRow>;

import type { ErrorRow } from './error-row';

/** Configuration and start-up: the process says one line and ends with exit code 1. */
export const CONFIGURATION_ERRORS = {
  invalid_variable: {
    status: 500,
    message: 'Environment variable {variable} must be {rule}, got {got}',
    remedy: 'Correct or unset the variable; docs/configuration.md lists each with its default.',
  },
  environment_mismatch: {
    status: 500,
    message: '{variable} must be {rule} while FLEET_ENVIRONMENT is {environment}, got {got}',
    remedy:
      'Set FLEET_ENVIRONMENT to the environment that is meant, or correct the name; docs/configuration.md has the rules.',
  },
  unreadable_file: {
    status: 500,
    message: 'Cannot read the file named by {variable}: {path} ({reason})',
    remedy: 'Check the path and its permissions.',
  },
  port_in_use: {
    status: 500,
    message: 'Port {port}, wanted by {user}, is in use',
    remedy: 'Set {variable} to a free port, or FLEET_PORT_OFFSET to move them all.',
  },
  token_required: {
    status: 500,
    message: 'Binding to {host} without FLEET_API_TOKEN is refused: anyone on the network could run jobs',
    remedy: 'Set FLEET_API_TOKEN (16 characters or more), or leave FLEET_HOST at 127.0.0.1.',
  },
  bundle_mismatch: {
    status: 500,
    message: 'The workflow bundle {path} cannot be used: {reason}',
    remedy: 'Build it again: npx nx run-many -t build.',
  },
  worker_failed: {
    status: 500,
    message: 'The worker of {queue} stopped by itself: {reason}',
    remedy: 'The supervisor restarts it; if it keeps failing, check TEMPORAL_API_KEY and the TEMPORAL_TLS_* variables.',
  },
  schema_outdated: {
    status: 503,
    message: 'The database is at version {version}, this process needs {needed}',
    remedy: 'Run: fleet migrate.',
  },
  database_refused: {
    status: 500,
    message: 'Postgres does not let us in: {reason}',
    remedy: 'Correct the user, the password or the name of the database in DATABASE_URL.',
  },
  migration_changed: {
    status: 500,
    message: 'Migration {name} was applied to this database with another text',
    remedy: 'Take its file back to what was released, and put the change into a new migration.',
  },
  already_running: {
    status: 409,
    message: 'A fleet is already running from {folder} (pid {pid})',
    remedy: 'Stop it with Ctrl-C in its terminal, or set FLEET_STATE_DIR and FLEET_PORT_OFFSET for a second one.',
  },
  setup_failed: {
    status: 500,
    message: '{step} failed: {reason}',
    remedy: 'Run: fleet doctor. It names what is missing and how to get it.',
  },
} as const satisfies Record<string, ErrorRow>;

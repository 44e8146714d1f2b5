import type { ErrorRow } from './error-row';

/** Durable workflows, on whatever executor. */
export const DURABLE_WORKFLOW_ERRORS = {
  unknown_executor: {
    status: 404,
    message: 'No executor is named {got}; there are: {names}',
    remedy: 'Use one of the names listed, or register yours first.',
  },
  executor_exists: {
    status: 409,
    message: 'An executor named {name} is registered already',
    remedy: 'Register it under another name.',
  },
  executor_closed: {
    status: 503,
    message: 'The executor is closed',
    remedy: 'Close an executor last of all; its workflows go on in the next process on the same store.',
  },
  unknown_activity: {
    status: 404,
    message: 'No activity is named {got}; there are: {names}',
    remedy: 'Use one of the names listed, or hand the activity to the executor or worker.',
  },
  unknown_update: {
    status: 404,
    message: 'Workflow {workflow} has no update named {got}; there are: {names}',
    remedy: 'Use one of the names listed.',
  },
  not_serializable: {
    status: 400,
    message: 'The {subject} cannot be stored as JSON: {field} is {got}',
    remedy: 'Pass plain objects, arrays, strings, finite numbers, booleans and null.',
  },
  state_conflict: {
    status: 409,
    message: 'The state of run {id} was changed since version {version} was read',
    remedy: 'Load it again and repeat the change.',
  },
  determinism_violation: {
    status: 500,
    message: 'Entry {entry} of the history of {id} is {recorded}, but the code asks for {asked}',
    remedy: 'Run the code that the workflow was started with, or start it anew.',
  },
  update_rejected: {
    status: 409,
    message: 'The update {name} was rejected: {reason}',
    remedy: 'Query the workflow for its state, and send an update that fits it.',
  },
  update_failed: {
    status: 422,
    message: 'The update {name} failed: {reason}',
    remedy: 'Correct the cause, and send the update under a new id.',
  },
  query_failed: {
    status: 422,
    message: 'The query {name} failed: {reason}',
    remedy: 'Correct the cause in the query handler of the workflow.',
  },
  activity_failed: {
    status: 422,
    message: 'The activity {activity} failed with {type}: {reason}',
    remedy: "Look up the type in this table; other types are the activity's own.",
  },
  child_failed: {
    status: 422,
    message: 'The child workflow {id} ended as {status} with {type}: {reason}',
    remedy: 'Read the history of the child.',
  },
  workflow_failed: {
    status: 422,
    message: 'The workflow {id} failed with {type}: {reason}',
    remedy: 'Look up the type in this table, and read the history of the workflow.',
  },
  workflow_canceled: {
    status: 409,
    message: 'The workflow was cancelled: {reason}',
    remedy: 'Start it again if that was not meant.',
  },
  workflow_terminated: {
    status: 409,
    message: 'The workflow {id} was terminated: {reason}',
    remedy: 'Start it again if that was not meant.',
  },
  workflow_timed_out: {
    status: 504,
    message: 'The workflow {id} ran out of its time',
    remedy: 'Start it with a longer timeout.',
  },
  activity_timed_out: {
    status: 504,
    message: 'The activity {activity} took longer than {limitMs} ms ({kind})',
    remedy: 'Give it more time, or make it beat and shorter.',
  },
} as const satisfies Record<string, ErrorRow>;

/** One row of the error table. `status` is the HTTP status the gateway answers with. */
export interface ErrorRow {
  readonly status: number;
  /** The rule that was broken. `{name}` is replaced by the detail of that name. */
  readonly message: string;
  /** What the reader can do next. */
  readonly remedy: string;
}

/**
 * THE ERROR TABLE. Every error a user can meet, over HTTP, in a failed job or on a terminal, has one row here and one in
 * docs/errors.md (a test compares the two). The key is the `code` of a problem+json answer and the `type` of a workflow's
 * ApplicationFailure.
 */
export const ERRORS = {
  // Configuration: the process says one line and ends with exit code 1.
  invalid_variable: {
    status: 500,
    message: 'Environment variable {variable} must be {rule}, got {got}',
    remedy: 'Correct or unset the variable; docs/configuration.md lists each with its default.',
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

  // Requests.
  invalid_input: {
    status: 400,
    message: '{count} field(s) are not valid',
    remedy: 'Correct the fields listed in "errors"; GET /v1/workflows has the JSON schema of each workflow.',
  },
  invalid_json: {
    status: 400,
    message: 'The request body is not valid JSON: {reason}',
    remedy: 'Send one JSON object with Content-Type: application/json.',
  },
  unsupported_media_type: {
    status: 415,
    message: 'Content-Type {got} is not accepted here',
    remedy: 'Send application/json, or for POST /v1/artifacts the type of the file itself.',
  },
  unknown_workflow: {
    status: 404,
    message: 'No workflow is named {got}; there are: {names}',
    remedy: 'Use one of the names listed, or add yours to libs/workflow-registry.',
  },
  unknown_queue: {
    status: 400,
    message: 'No task queue is named {got}; there are: {names}',
    remedy: 'Use one of the names listed.',
  },
  queue_not_allowed: {
    status: 400,
    message: 'Workflow {workflow} may not run on {got}; it may on: {names}',
    remedy: 'Leave "queue" out, or add the queue to the allowed queues of its registry entry.',
  },
  job_exists: {
    status: 409,
    message: 'A job with the id {id} exists already',
    remedy: 'Read it at "location", choose another id, or send an Idempotency-Key to get the same answer again.',
  },
  idempotency_key_reused: {
    status: 422,
    message: 'The Idempotency-Key {key} was used before with another body',
    remedy: 'Use a new key for a new request.',
  },
  job_not_found: {
    status: 404,
    message: 'No job has the id {id}',
    remedy: 'GET /v1/jobs lists the jobs; Temporal forgets closed ones after its retention time.',
  },
  job_closed: {
    status: 409,
    message: 'The job {id} has already ended ({status})',
    remedy: 'POST /v1/jobs/{id:encoded}/retry starts it again with the same input.',
  },
  job_not_closed: {
    status: 409,
    message: 'The job {id} is still running',
    remedy: 'Wait for it, or cancel it first.',
  },
  not_supported: {
    status: 400,
    message: '{operation} is not possible for {subject}: {reason}',
    remedy: 'GET /v1/workflows says which signals and queries each entry has.',
  },
  unknown_query: {
    status: 404,
    message: 'Workflow {workflow} has no query named {got}; there are: {names}',
    remedy: 'Use one of the names listed.',
  },
  unknown_signal: {
    status: 404,
    message: 'Workflow {workflow} has no signal named {got}; there are: {names}',
    remedy: 'Use one of the names listed.',
  },
  approval_not_found: {
    status: 404,
    message: 'No approval has the id {id}',
    remedy: 'GET /v1/approvals lists them.',
  },
  approval_settled: {
    status: 409,
    message: 'The approval {id} was settled before: {status} by {by}',
    remedy: 'Nothing is left to decide; read how it was settled at "location".',
  },
  artifact_not_found: {
    status: 404,
    message: 'No artefact has the id {id}',
    remedy: 'POST /v1/artifacts stores one and answers with its id.',
  },
  artifact_too_large: {
    status: 413,
    message: 'The artefact is larger than {limit} bytes',
    remedy: 'Split it; one artefact is at most 64 MiB.',
  },
  body_too_large: {
    status: 413,
    message: 'The request body is larger than {limit} bytes',
    remedy: 'Store the data with POST /v1/artifacts and pass its id.',
  },
  payload_too_large: {
    status: 413,
    message: 'The {subject} is {got} bytes, over the limit of {limit}',
    remedy: 'Store the data as an artefact and pass its id.',
  },
  empty_artifact: {
    status: 400,
    message: 'The artefact has no bytes',
    remedy: 'Send the file as the request body.',
  },
  unauthorized: {
    status: 401,
    message: 'A valid bearer token is needed',
    remedy: 'Send Authorization: Bearer with the value of FLEET_API_TOKEN.',
  },
  host_not_allowed: {
    status: 421,
    message: 'The Host header {got} is not one this gateway answers to',
    remedy: 'Use a loopback name, or add the host to FLEET_ALLOWED_HOSTS.',
  },
  cross_site_request: {
    status: 403,
    message: 'A request from the page {origin} is refused: a browser must not run jobs for another site',
    remedy: 'Call the gateway from the command line or from your own server.',
  },
  route_not_found: {
    status: 404,
    message: 'There is nothing at {method} {path}',
    remedy: 'GET /openapi.json lists every route.',
  },
  temporal_unavailable: {
    status: 503,
    message: 'Temporal did not answer in time',
    remedy: 'Try again after the seconds in Retry-After; GET /readyz says when it is back.',
  },
  store_unavailable: {
    status: 503,
    message: 'Postgres did not answer in time',
    remedy: 'Try again after the seconds in Retry-After; GET /readyz says when it is back.',
  },
  gateway_unreachable: {
    status: 503,
    message: 'No gateway answers at {url}',
    remedy: 'Start the fleet with npm start, or set FLEET_GATEWAY_URL.',
  },
  not_a_gateway: {
    status: 502,
    message: 'What answers at {url} is not a fleet gateway: it sent {got} instead of JSON',
    remedy: 'Set FLEET_GATEWAY_URL to the gateway, or stop what has taken its port.',
  },
  internal_error: {
    status: 500,
    message: 'Something went wrong on our side',
    remedy: 'Search the gateway log for the request id; if it repeats, report it with that id.',
  },

  // Durable workflows.
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

  // Failures of workflows and activities.
  content_rejected: {
    status: 422,
    message: 'The prompt was refused by the content filter: {reason}',
    remedy: 'Change the prompt; trying again with the same one gives the same answer.',
  },
  provider_failed: {
    status: 502,
    message: 'The provider {provider} failed: {reason}',
    remedy: 'It is tried again by itself; if it keeps failing, check its key and status.',
  },
  provider_rejected: {
    status: 422,
    message: 'The provider {provider} refused the request: {reason}',
    remedy: 'Change the request; trying again with the same one gives the same answer.',
  },
  no_model_provider: {
    status: 422,
    message: 'No model provider is configured',
    remedy: 'Set OPENAI_API_KEY, or FLEET_MODEL_URL to a server with the same API; docs/configuration.md has both.',
  },
  unknown_tool: {
    status: 404,
    message: 'No tool is named {got}; there are: {names}',
    remedy: 'Use one of the names listed, or hand the tool to createActivities.',
  },
  url_refused: {
    status: 400,
    message: '{field} is refused: it {reason}; got {got}',
    remedy:
      'Send a public http or https URL. Hosts of your own network need an entry in the allow-list of the operator.',
  },
  too_many_redirects: {
    status: 422,
    message: '{url} was redirected more than {limit} times',
    remedy: 'Send the URL where the redirects end.',
  },
  response_too_large: {
    status: 422,
    message: 'The answer of {url} is larger than {limit} bytes, counted after decompression',
    remedy: 'Send the URL of a smaller resource; trying again with the same one gives the same answer.',
  },
  fetch_timed_out: {
    status: 504,
    message: '{url} gave no whole answer within {limit} ms',
    remedy: 'Inside a job it is tried again by itself; if it keeps failing, check that server.',
  },
  fetch_failed: {
    status: 502,
    message: 'No answer could be had from {url} ({reason})',
    remedy: 'Inside a job it is tried again by itself; if it keeps failing, check the name and that server.',
  },
  webhook_refused: {
    status: 502,
    message: 'The webhook {url} answered {status}',
    remedy: 'It is tried again by itself; if it keeps failing, check the receiver.',
  },
  invalid_csv: {
    status: 422,
    message: 'The CSV is not usable: {reason}',
    remedy: 'Correct the file, store it again and start a new job with its id.',
  },
} as const satisfies Record<string, ErrorRow>;

/** A code of the error table. */
export type ErrorCode = keyof typeof ERRORS;

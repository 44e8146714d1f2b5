import type { ErrorRow } from './error-row';

/** Requests over HTTP, and what the gateway needs to answer them. */
export const REQUEST_ERRORS = {
  invalid_input: {
    status: 400,
    message: '{count} field(s) are not valid',
    remedy:
      'Correct the fields listed in "errors"; GET /openapi.json has the fields of each route, GET /v1/workflows those of each workflow.',
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
    remedy: 'The reason says what is missing; GET /v1/workflows says what each workflow and job can do.',
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
  admin_required: {
    status: 403,
    message: 'Only an administrator may ask for {path}',
    remedy: 'Use the token of an administrator; the value of FLEET_API_TOKEN is one.',
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
  temporal_refused: {
    status: 503,
    message: 'Temporal does not let this process in: {reason}',
    remedy:
      'Check TEMPORAL_API_KEY and the TEMPORAL_TLS_* variables, whether key or certificate has expired, and TEMPORAL_NAMESPACE; see docs/temporal-cloud.md.',
  },
  temporal_disabled: {
    status: 503,
    message: 'Temporal is switched off here',
    remedy: 'Chats work without it. For jobs, set FLEET_TEMPORAL_ENABLED=true and start the gateway again.',
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
  gateway_stopping: {
    status: 503,
    message: 'The gateway stops before the answer is there; what was asked goes on',
    remedy: 'Send the same request again; with the same Idempotency-Key it is not asked twice.',
  },
  stream_stopped: {
    status: 503,
    message: 'The gateway stops before the stream has ended; nothing of it goes on',
    remedy: 'Send the request again: another gateway, or this one after its restart, begins anew.',
  },
  stream_too_large: {
    status: 502,
    message: 'The stream is larger than {limit} bytes and was ended',
    remedy: 'Ask for a shorter answer, such as with max_tokens.',
  },
  internal_error: {
    status: 500,
    message: 'Something went wrong on our side',
    remedy: 'Search the gateway log for the request id; if it repeats, report it with that id.',
  },
} as const satisfies Record<string, ErrorRow>;

import { STATUS_CODES } from 'node:http';
import { errorText, ERRORS, FleetError, isFleetError, type ErrorCode } from '@fleet/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { openAiErrorOf } from './chat/openai-error';
import { approvalLocation, executionLocation, jobLocation, monitorLocation, scheduleLocation } from './locations';

/** Largest body of a request with JSON, bytes. */
export const JSON_LIMIT = 1_048_576;
const RETRY_AFTER_SECONDS = 5;
/** What providers, models and operators cause: a line is enough, and one with a stack for each request of an outage is not. */
const EXPECTED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'gateway_stopping',
  'no_eligible_model',
  'output_schema_mismatch',
  'fetch_failed',
  'fetch_timed_out',
  'page_failed',
  'preview_timed_out',
  'provider_budget_exceeded',
  'provider_failed',
  'provider_timeout',
  'stream_stopped',
  'temporal_disabled',
]);

/** A server that is away. What its client said tells how, and has nothing of the request in it. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'store_unavailable',
  'temporal_refused',
  'temporal_unavailable',
]);

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How errors of the route look. Default: problem+json. */
    readonly errors?: 'openai';
  }
}

/** The body of every error answer (RFC 9457), media type application/problem+json. */
export const problemSchema = z.object({
  type: z.string().describe('urn:fleet:error:<code>'),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe('The rule that was broken.'),
  code: z.string().describe('A code of docs/errors.md.'),
  remedy: z.string().describe('What to do next.'),
  request_id: z.string(),
  errors: z.array(z.object({ field: z.string(), rule: z.string(), got: z.unknown().optional() })),
  location: z.string().optional().describe('Path of the job, approval, monitor, run or schedule the error is about.'),
});

/** The body of an error answer. */
export type Problem = z.infer<typeof problemSchema>;

/** The problem that tells a caller of an error of the table. */
export function problemOf(error: FleetError, requestId: string): Problem {
  return {
    type: `urn:fleet:error:${error.code}`,
    title: titleOf(error.code),
    status: error.status,
    detail: error.message,
    code: error.code,
    remedy: error.remedy,
    request_id: requestId,
    errors: error.fields.map(({ field, rule, got }) => ({ field, rule, ...(got === undefined ? {} : { got }) })),
    ...locationIn(error),
  };
}

/** Answers with the problem of anything thrown, and logs what is not the caller's fault. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (request.socket.destroyed) {
    // Nobody reads the answer; the log and the metrics have seen the client leave.
    void reply.send();
    return;
  }
  const error = fleetErrorOf(thrown, request);
  logFailure(error, thrown, request);
  if (error.status === 401) reply.header('www-authenticate', 'Bearer');
  if (isPassing(error)) reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (error.status === 413) letBodyPass(request, reply);
  const isOpenAi = request.routeOptions.config?.errors === 'openai';
  void reply
    .header('x-request-id', request.id)
    .header('cache-control', 'no-store')
    .code(error.status)
    .type(isOpenAi ? 'application/json' : 'application/problem+json')
    .send(JSON.stringify(isOpenAi ? openAiErrorOf(error) : problemOf(error, request.id)));
}

function logFailure(error: FleetError, thrown: unknown, { log }: FastifyRequest): void {
  const { code, message: reason, cause } = error;
  if (EXPECTED.has(code)) log.warn({ code, reason }, 'request failed');
  else if (OUTAGES.has(code))
    log.error({ code, reason, ...(cause !== undefined && { cause: errorText(cause) }) }, 'request failed');
  else if (error.status >= 500) log.error({ err: thrown, code }, 'request failed');
}

/** What may be gone by itself in a while. */
function isPassing({ status, code }: FleetError): boolean {
  return status === 429 || (status === 503 && code !== 'temporal_disabled');
}

/** The raw HTTP answer to something that was no HTTP request, for a socket that never got as far as a route. */
export function rawProblem(reason: string, requestId: string): string {
  const body = JSON.stringify(problemOf(new FleetError('invalid_json', { reason }), requestId));
  const head = [
    `HTTP/1.1 400 ${STATUS_CODES[400]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** Anything thrown in a request as an error of the table. */
export function fleetErrorOf(thrown: unknown, request: FastifyRequest): FleetError {
  if (isFleetError(thrown)) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new FleetError('unsupported_media_type', { got: mediaTypeOf(request) }, { cause: thrown });
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new FleetError(
        'body_too_large',
        { limit: request.routeOptions.bodyLimit ?? JSON_LIMIT },
        { cause: thrown },
      );
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new FleetError('invalid_json', { reason: errorText(thrown) }, { cause: thrown });
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH': {
      const fields = [{ field: 'path', rule: 'must be percent-encoded UTF-8, each part at most 4,096 characters' }];
      return new FleetError('invalid_input', { count: 1 }, { cause: thrown, fields });
    }
    default:
      return new FleetError('internal_error', {}, { cause: thrown });
  }
}

/**
 * A client that is still sending sees a closed connection instead of the answer. Reading on and throwing away lets it
 * finish; the server's request timeout bounds that.
 */
function letBodyPass(request: FastifyRequest, reply: FastifyReply): void {
  reply.removeHeader('connection');
  request.raw.resume();
}

function mediaTypeOf(request: FastifyRequest): string {
  const type = request.headers['content-type'];
  return type === undefined ? '(none)' : JSON.stringify(type.slice(0, 100));
}

function locationIn({ code, details }: FleetError): { location?: string } {
  if (code === 'schedule_exists' || code === 'schedule_changed')
    return { location: scheduleLocation(String(details['id'])) };
  if (code === 'approval_settled') return { location: approvalLocation(String(details['id'])) };
  if (code === 'monitor_running')
    return { location: executionLocation(String(details['id']), String(details['execution'])) };
  if (code === 'monitor_changed' || code === 'monitor_state_conflict')
    return { location: monitorLocation(String(details['id'])) };
  const about: readonly ErrorCode[] = ['job_exists', 'job_closed', 'job_not_closed'];
  return about.includes(code) && details['id'] !== undefined ? { location: jobLocation(String(details['id'])) } : {};
}

/** `job_exists` -> `Job exists`: the same for every occurrence, as RFC 9457 asks. */
function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Every code that a request can be answered with, for the OpenAPI document. */
export const PROBLEM_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

import { ProviderError } from '../provider';
import { fieldsOf } from './fields';
import { retryAfterMs } from './retry-after';

type ErrorClass = ProviderError['errorClass'];

/** What the clients' errors have in common. Read by shape: their classes would load the clients with this file. */
interface ClientError {
  readonly status?: unknown;
  readonly headers?: unknown;
  /** The body of the answer: whole, or the `error` of it. */
  readonly error?: unknown;
}

/** What an answer says of its error. */
interface Said {
  readonly type: string;
  readonly code: string;
  readonly param: string;
  readonly message: string;
}

const OVERFLOW_CODES = new Set(['context_length_exceeded', 'exceed_context_size_error', 'request_too_large']);
const OVERFLOW_TEXT =
  /maximum context length|context (length|limit|window|size)[^.]*exceed|exceeds?[^.]*context (length|limit|window|size)|prompt is too long|input is too long/i;
const BUDGET_CODES = new Set([
  'insufficient_quota',
  'billing_hard_limit_reached',
  'billing_not_active',
  'billing_error',
  'budget_exceeded',
  'contract_spend_limit_reached',
  'enforced_spend_limit_reached',
  'linked_organization_spend_limit_reached',
]);
const BUDGET_TEXT =
  /credit balance is too low|exceeded your current quota|billing hard limit|budget (has been |was )?exceeded|specified API usage limits/i;
const BUSY_CODES = new Set(['rate_limit_exceeded', 'rate_limit_error', 'overloaded_error']);
const REFUSED_CODES = new Set([
  'invalid_request_error',
  'authentication_error',
  'permission_error',
  'not_found_error',
  'invalid_api_key',
]);

/**
 * Any error of a client as one of ours. Nothing of the provider's own words is kept but its codes: they repeat prompts and
 * keys. Nor is there a `cause`: the client's error holds the request.
 */
export function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  const { status: given, headers, error: body } = (error ?? {}) as ClientError;
  const status = typeof given === 'number' ? given : undefined;
  const said = saidIn(body);
  const wait = headers instanceof Headers ? retryAfterMs(headers) : undefined;
  const codes = [said.type, said.code, said.param && `param ${said.param}`].filter(Boolean).join(', ');
  const named = codes && ` (${codes})`;
  if (status !== undefined) {
    return new ProviderError(classOfStatus(status, said), `it answered ${status}${named}`, {
      status,
      retryAfterMs: wait,
    });
  }
  if (body !== undefined) return new ProviderError(classOfEvent(said), `its stream ended with an error${named}`);
  return new ProviderError('transient', `no usable answer (${reasonOf(error)})`);
}

/** An answer that is none. @param what Says what is missing, in our own words. */
export function nonsense(what: string): ProviderError {
  return new ProviderError('transient', `no usable answer (${what})`);
}

function classOfStatus(status: number, said: Said): ErrorClass {
  const isBudget = BUDGET_CODES.has(said.code) || BUDGET_CODES.has(said.type);
  // The text of a limit per minute is at some providers that of a used-up quota: with 429 only the code counts.
  if (isBudget || status === 402 || (status < 429 && BUDGET_TEXT.test(said.message))) return 'budget_exceeded';
  if (status === 429 || status === 529) return 'rate_limited';
  if (status >= 500 || status === 408) return 'transient';
  return status === 413 || isOverflow(said) ? 'context_overflow' : 'fatal';
}

/** Of an error that came in the middle of an answer that had begun with 200. */
function classOfEvent(said: Said): ErrorClass {
  const has = (codes: ReadonlySet<string>): boolean => codes.has(said.code) || codes.has(said.type);
  if (has(BUDGET_CODES) || BUDGET_TEXT.test(said.message)) return 'budget_exceeded';
  if (has(BUSY_CODES)) return 'rate_limited';
  if (isOverflow(said)) return 'context_overflow';
  return has(REFUSED_CODES) ? 'fatal' : 'transient';
}

function isOverflow({ type, code, message }: Said): boolean {
  return OVERFLOW_CODES.has(code) || OVERFLOW_CODES.has(type) || OVERFLOW_TEXT.test(message);
}

function saidIn(body: unknown): Said {
  const outer = fieldsOf(body);
  const inner = 'error' in outer ? fieldsOf(outer['error']) : outer;
  const message = inner['message'] ?? outer['error'] ?? outer['message'];
  return {
    type: codeOf(inner['type']),
    // Anthropic has its codes in the details.
    code: codeOf(inner['code']) || codeOf(fieldsOf(inner['details'])['error_code']),
    param: codeOf(inner['param']),
    message: typeof message === 'string' ? message : '',
  };
}

/** A word of the provider's vocabulary; anything longer or freer may hold what was asked. */
function codeOf(value: unknown): string {
  return typeof value === 'string' && /^[a-z][a-z0-9_.[\]-]{0,40}$/i.test(value) ? value : '';
}

/** Codes of the operating system are kept, texts are not. By shape: errors of `fetch` may be of another realm. */
function reasonOf(error: unknown): string {
  let at = fieldsOf(error);
  if (at['name'] === 'SyntaxError') return 'not JSON';
  if (at['message'] === 'terminated') return 'cut';
  for (let depth = 0; depth < 5; depth += 1) {
    const { code, cause } = at;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code;
    at = fieldsOf(cause);
  }
  return 'connection failed';
}

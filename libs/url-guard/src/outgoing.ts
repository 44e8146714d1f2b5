import { validateHeaderName, validateHeaderValue } from 'node:http';
import { FleetError, type FieldError } from '@fleet/errors';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export type Method = (typeof METHODS)[number];

/** A request as it goes to one hop. */
export interface Outgoing {
  readonly method: Method;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

export interface OutgoingOptions {
  readonly method?: Method;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

// The connection's own: a caller who sets them speaks to another host than the one checked, or smuggles a request.
const RESERVED_HEADERS = new Set([
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'accept-encoding',
  'proxy-authorization',
  'proxy-connection',
]);

// All that another origin gets to see after a redirect. A list of what to keep, not of what to drop: an X-Api-Key or a
// signature is as much a secret as Authorization and Cookie are.
const HEADERS_FOR_ANY_ORIGIN = new Set(['accept', 'accept-language', 'user-agent', 'content-type', 'content-language']);

/**
 * The first request of a fetch.
 *
 * @throws FleetError `invalid_input` naming each method, header or body that cannot be sent
 */
export function outgoing({ method = 'GET', headers = {}, body }: OutgoingOptions): Outgoing {
  const fields: FieldError[] = [];
  if (!METHODS.includes(method))
    fields.push({ field: 'method', rule: `must be one of ${METHODS.join(', ')}`, got: method });
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    fields.push({ field: 'body', rule: `must be absent from a ${method} request` });
  }
  for (const [name, value] of Object.entries(headers)) {
    const rule = brokenHeaderRule(name, value);
    // Only the name: the value may be a secret.
    if (rule) fields.push({ field: `headers.${name.slice(0, 100)}`, rule });
  }
  if (fields.length > 0) throw new FleetError('invalid_input', { count: fields.length }, { fields });
  return { method, headers: { ...DEFAULT_HEADERS, ...lowerCase(headers) }, body };
}

const DEFAULT_HEADERS = { accept: '*/*', 'user-agent': 'temporal-fleet' };

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function brokenHeaderRule(name: string, value: string): string | undefined {
  if (RESERVED_HEADERS.has(name.toLowerCase())) return 'must be left to the connection';
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return undefined;
  } catch {
    return 'must be a header name and value that HTTP allows';
  }
}

/**
 * The request that follows a redirect. 303 turns everything but HEAD into GET, and 301 and 302 turn POST into GET, as
 * browsers do; 307 and 308 send the same method and body again. Another origin gets no header that may be a secret.
 */
export function redirected(request: Outgoing, status: number, from: URL, to: URL): Outgoing {
  const becomesGet =
    (status === 303 && request.method !== 'HEAD') || ((status === 301 || status === 302) && request.method === 'POST');
  const sameOrigin = from.origin === to.origin;
  const headers = Object.entries(request.headers).filter(
    ([name]) => (sameOrigin || HEADERS_FOR_ANY_ORIGIN.has(name)) && !(becomesGet && name.startsWith('content-')),
  );
  return {
    method: becomesGet ? 'GET' : request.method,
    headers: Object.fromEntries(headers),
    body: becomesGet ? undefined : request.body,
  };
}

import { TextDecoder } from 'node:util';
import { Agent, request as send, type Dispatcher } from 'undici';
import { FleetError } from '@fleet/errors';
import { checkUrl } from './check-url';
import { startDeadline } from './deadline';
import { outgoing, redirected, type Outgoing, type OutgoingOptions } from './outgoing';
import { pinnedConnector, systemResolve, type Resolve } from './pinned-connector';
import type { UrlPolicy } from './policy';
import { shownUrl } from './refusal';
import { ACCEPTED_CODINGS, readBody } from './response-body';

export interface GuardedFetchOptions extends OutgoingOptions {
  /** Default: the public internet. */
  readonly policy?: UrlPolicy;
  /** Milliseconds from the first name look-up to the last byte, all redirects included. Default 10,000. */
  readonly timeoutMs?: number;
  /** Redirects followed; 0 refuses them. Default 5. */
  readonly maxRedirects?: number;
  /** Bytes of the body after decompression. Default 5,242,880 (5 MiB). */
  readonly maxBytes?: number;
  /** Ends the fetch; its reason is what is thrown. */
  readonly signal?: AbortSignal;
  /** Where the URL came from, for the error, like `input.webhook_url`. Default `url`. */
  readonly field?: string;
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
}

/** A whole answer, whatever its status. */
export interface GuardedResponse {
  readonly status: number;
  /** Names in lower case, values of one name joined by a comma; without Content-Encoding and Content-Length. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  readonly body: Buffer;
  /** The URL that answered, after redirects. */
  readonly finalUrl: string;
  /** The body as text, by the charset of Content-Type, else UTF-8. */
  text(): string;
}

interface Hop {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Set when the answer is a redirect to follow; its body was not read. */
  readonly location: string | undefined;
}

type Limits = Required<
  Pick<GuardedFetchOptions, 'policy' | 'timeoutMs' | 'maxRedirects' | 'maxBytes' | 'field' | 'resolve'>
>;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Fetches a URL that a user sent. The URL is checked, its name resolved once and every address checked, the connection
 * made to one of those addresses, and all of it again for each redirect. Connections are never reused, and HTTP_PROXY is
 * not read: a proxy would resolve the name once more.
 *
 * @throws FleetError `url_refused` (see `checkUrl`; for a redirect the field is like `url.redirect[0]`), `invalid_input`,
 * `too_many_redirects`, `response_too_large`, `fetch_timed_out`, `fetch_failed`; the reason of `signal`; RangeError for a
 * limit that is none
 */
export async function guardedFetch(url: string | URL, options: GuardedFetchOptions = {}): Promise<GuardedResponse> {
  const limits = limitsOf(options);
  let request = outgoing(options);
  let target = checkUrl(url, limits.policy, { field: limits.field });
  let field = limits.field;
  options.signal?.throwIfAborted();
  const deadline = startDeadline(limits.timeoutMs, options.signal);
  try {
    for (let redirects = 0; ; redirects += 1) {
      const hop = await exchange(target, request, { ...limits, field }, deadline.signal);
      if (hop.location === undefined) return toResponse(hop, target);
      if (redirects === limits.maxRedirects) {
        throw new FleetError('too_many_redirects', { url: shownUrl(url), limit: limits.maxRedirects });
      }
      field = `${limits.field}.redirect[${redirects}]`;
      const next = checkUrl(hop.location, limits.policy, { field, base: target });
      request = redirected(request, hop.status, target, next);
      target = next;
    }
  } catch (error) {
    throw deadline.explain(error, shownUrl(target));
  } finally {
    deadline.end();
  }
}

async function exchange(target: URL, request: Outgoing, limits: Limits, signal: AbortSignal): Promise<Hop> {
  // One agent for one exchange: a kept connection would serve the next caller without a check under its own policy.
  const { policy, resolve, field, timeoutMs } = limits;
  const agent = new Agent({
    connect: pinnedConnector({ policy, resolve, field, timeoutMs, shown: target, signal }),
    pipelining: 0,
  });
  try {
    const { method, body = null } = request;
    const headers = { ...request.headers, 'accept-encoding': ACCEPTED_CODINGS };
    const answer = await send(target, { dispatcher: agent, method, headers, body, signal });
    return await readHop(answer, target, request, limits.maxBytes);
  } finally {
    await agent.destroy();
  }
}

async function readHop(
  answer: Dispatcher.ResponseData,
  target: URL,
  request: Outgoing,
  maxBytes: number,
): Promise<Hop> {
  const status = answer.statusCode;
  const location = REDIRECTS.has(status) ? answer.headers['location'] : undefined;
  // Also an unread body breaks when its connection is closed, which nobody needs to hear.
  answer.body.on('error', () => {});
  if (Array.isArray(location)) {
    throw new FleetError('fetch_failed', { url: shownUrl(target), reason: 'more than one Location' });
  }
  const headers = joined(answer.headers);
  if (location !== undefined) return { status, headers, body: Buffer.alloc(0), location };
  const encoding = request.method === 'HEAD' ? '' : (headers['content-encoding'] ?? '');
  const body = await readBody(answer.body, encoding, { maxBytes, shown: shownUrl(target) });
  return { status, headers, body, location };
}

function joined(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value = '']) => [name, [value].flat().join(', ')]);
  return Object.fromEntries(entries) as Record<string, string>;
}

function toResponse({ status, headers, body }: Hop, target: URL): GuardedResponse {
  const { 'content-encoding': _encoding, 'content-length': _length, ...rest } = headers;
  const text = () => decoderOf(headers['content-type'] ?? '').decode(body);
  return { status, headers: rest, body, finalUrl: target.href, text };
}

function decoderOf(contentType: string): TextDecoder {
  const [, charset = 'utf-8'] = /;\s*charset="?([^\s";]+)/i.exec(contentType) ?? [];
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

function limitsOf(options: GuardedFetchOptions): Limits {
  const { policy = {}, field = 'url', resolve = systemResolve } = options;
  const { timeoutMs = 10_000, maxRedirects = 5, maxBytes = 5 * 1024 * 1024 } = options;
  requireWhole('timeoutMs', timeoutMs, 1, 2 ** 31 - 1);
  requireWhole('maxRedirects', maxRedirects, 0, 20);
  requireWhole('maxBytes', maxBytes, 1, 2 ** 30);
  return { policy, field, resolve, timeoutMs, maxRedirects, maxBytes };
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name} must be a whole number from ${least} to ${most}, got ${value}`);
}

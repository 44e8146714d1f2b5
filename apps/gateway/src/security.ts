import { createHash, timingSafeEqual } from 'node:crypto';
import { FleetError } from '@fleet/errors';
import { isLoopback } from '@fleet/telemetry/settings';
import type { FastifyRequest } from 'fastify';
import type { GatewayConfig } from './config';
import { hostnameOf, plainAddress } from './host-names';

/** Routes that are asked by a supervisor, which has no token. */
const OPEN_ROUTES: ReadonlySet<string> = new Set(['/healthz', '/readyz']);
const READING_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Principal of every request: with a token only the bootstrap admin gets in, without one all are `local`. */
export function ownerFor(config: Pick<GatewayConfig, 'token'>): string {
  return config.token === undefined ? 'local' : 'admin';
}

/** Whoever has the bootstrap token, and without one everybody: they are on this machine, as anything else needs a token. */
const ADMINISTRATORS: ReadonlySet<string> = new Set(['admin', 'local']);
const ADMIN_ROUTES = '/admin/';

/**
 * The check made before anything else of a request is looked at.
 *
 * @param principal Who the request acts for once the token is right.
 * @returns A function that throws FleetError `host_not_allowed`, `cross_site_request`, `unauthorized` or `admin_required`.
 */
export function guardFor(
  config: Pick<GatewayConfig, 'token' | 'allowedHosts'>,
  principal: string,
): (request: FastifyRequest) => void {
  const expected = config.token === undefined ? undefined : digest(config.token);
  return (request) => {
    requireKnownHost(request, config.allowedHosts);
    requireSameSite(request);
    const route = request.routeOptions.url ?? '';
    if (OPEN_ROUTES.has(route)) return;
    if (expected !== undefined) requireToken(request, expected);
    if (route.startsWith(ADMIN_ROUTES)) requireAdministrator(principal, route);
  };
}

/** Of all routes below /admin/, whoever adds them. */
function requireAdministrator(principal: string, path: string): void {
  if (!ADMINISTRATORS.has(principal)) throw new FleetError('admin_required', { path });
}

function requireToken(request: FastifyRequest, expected: Buffer): void {
  const [, token = ''] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
  if (!timingSafeEqual(digest(token), expected)) throw new FleetError('unauthorized');
}

/**
 * A page of a hostile site can make its own name resolve to 127.0.0.1 (DNS rebinding), but the browser then still sends
 * that name. An address is safe when it is the one the connection came in on, which is how probes of an orchestrator call.
 */
function requireKnownHost(request: FastifyRequest, allowed: ReadonlySet<string>): void {
  const header = request.headers.host ?? '';
  const host = hostnameOf(header);
  if (host !== undefined) {
    if (isLoopback(host) || allowed.has(host) || host === plainAddress(request.socket.localAddress)) return;
  }
  throw new FleetError('host_not_allowed', { got: JSON.stringify(header.slice(0, 200)) });
}

/** Browsers name the page that sends a POST; no other site's page may submit jobs with a visitor's loopback access. */
function requireSameSite(request: FastifyRequest): void {
  const { origin } = request.headers;
  if (origin === undefined || READING_METHODS.has(request.method)) return;
  if (URL.canParse(origin) && new URL(origin).host === request.headers.host?.toLowerCase()) return;
  throw new FleetError('cross_site_request', { origin: JSON.stringify(origin.slice(0, 200)) });
}

/** Equal lengths, as timingSafeEqual needs them, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { REQUEST_ID_HEADER } from './chat/request-id';
import type { GatewayMetrics } from './metrics';
import type { App } from './services';

const SAFE_ID = /^[A-Za-z0-9._-]{1,100}$/;

/** The caller's x-request-id when it is safe to repeat in headers and logs, else a new one. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const sent = request.headers['x-request-id'];
  return typeof sent === 'string' && SAFE_ID.test(sent) ? sent : randomUUID();
}

/** Of no standard, but what proxies call it. */
const CLIENT_CLOSED_REQUEST = 499;

/** One log line and one observation a request. Neither bodies, headers nor query strings are logged. */
export function registerRequestLog(app: App, metrics: GatewayMetrics): void {
  const seen = new WeakSet<FastifyRequest>();
  const note = (request: FastifyRequest, reply: FastifyReply, status: number): void => {
    if (seen.has(request)) return;
    seen.add(request);
    const labels = { method: request.method, route: request.routeOptions.url ?? '(none)', status };
    metrics.observeRequest(labels, reply.elapsedTime / 1000);
    const line = { ...labels, path: pathOf(request), duration_ms: Math.round(reply.elapsedTime), ...chatOf(reply) };
    if (isQuiet(request, status)) request.log.debug(line, 'request');
    else request.log.info(line, 'request');
  };
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    // Of an answer that was not sent to its end there is no `onResponse`: the client left.
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) note(request, reply, CLIENT_CLOSED_REQUEST);
    });
  });
  app.addHook('onResponse', async (request, reply) => note(request, reply, reply.statusCode));
}

/** The id under which the chat of the request is found, when it has one. */
function chatOf(reply: FastifyReply): { readonly chat_request_id?: unknown } {
  const id = reply.getHeader(REQUEST_ID_HEADER);
  return id === undefined ? {} : { chat_request_id: id };
}

/** Probes and people who wait for results ask several times a second; of a read only bad news is worth a line. */
function isQuiet(request: FastifyRequest, status: number): boolean {
  return ['GET', 'HEAD'].includes(request.method) && (status < 400 || status === CLIENT_CLOSED_REQUEST);
}

function pathOf(request: FastifyRequest): string {
  return (request.url.split('?')[0] ?? '').slice(0, 500);
}

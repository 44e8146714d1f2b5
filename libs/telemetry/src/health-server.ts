import { createServer, type ServerResponse } from 'node:http';
import { errorText } from '@fleet/errors';
import { listenError } from './listen-error';

/** Whether an app can take work, and why not. */
export interface Readiness {
  readonly ready: boolean;
  /** Shown to whoever asks; no secrets. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface HealthServerOptions {
  readonly host: string;
  readonly port: number;
  /** The variable that moves the port, named when it is taken. */
  readonly portVariable: string;
  /** Asked on each GET /readyz. */
  readonly readiness: () => Readiness | Promise<Readiness>;
  /** Text of GET /metrics, Prometheus format 0.0.4. */
  readonly metrics: () => Promise<string>;
}

export interface HealthServer {
  close(): Promise<void>;
}

/**
 * Serves /healthz (always 200: the process lives), /readyz (200 or 503) and /metrics.
 *
 * @throws FleetError `port_in_use` or `invalid_variable` naming the variable.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(request.url ?? '/', options, response).catch((error: unknown) => {
      sendJson(response, 500, { status: 'error', reason: errorText(error) });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, { ...options, user: 'the health server' })));
    server.listen(options.port, options.host, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(url: string, options: HealthServerOptions, response: ServerResponse): Promise<void> {
  const path = url.split('?')[0];
  if (path === '/healthz') return sendJson(response, 200, { status: 'ok' });
  if (path === '/readyz') {
    const { ready, details } = await options.readiness();
    return sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', ...details });
  }
  if (path === '/metrics') {
    const text = await options.metrics();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
    return;
  }
  sendJson(response, 404, { status: 'not found', paths: ['/healthz', '/readyz', '/metrics'] });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return void response.end();
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}

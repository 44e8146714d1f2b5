import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ZodError } from 'zod';
import { anthropic } from './anthropic';
import { Calls } from './calls';
import { converse } from './converse';
import { Faults } from './faults';
import { readText, sendJson } from './http';
import { openai } from './openai';

const DIALECTS = { '/v1/chat/completions': openai, '/v1/messages': anthropic } as const;
/** Models that it lists; it answers for any other name too. */
const MODELS = ['stand-in-small', 'stand-in-large', 'stand-in-wise', 'stand-in-swift'];
/** The names by which only this machine reaches it. */
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/i;

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>;

/** The stand-in as a server that does not listen yet. */
export function createStandIn(): Server {
  const calls = new Calls();
  const faults = new Faults();
  const routes = routesOf(calls, faults);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const handler = routes[`${request.method} ${url.pathname}`] ?? unknownRoute(routes, url.pathname);
    const answer = async (): Promise<void> => {
      // A page in a browser must not reach it under a name that it made point here.
      if (!LOOPBACK.test(request.headers.host ?? '')) return sendJson(response, 421, { error: 'loopback names only' });
      await handler(request, response, url);
    };
    answer().catch((error: unknown) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else sendJson(response, 500, { error: { message: String(error), type: 'server_error' } });
    });
  });
  // Longer than any client keeps a connection: one that we close while a request is on its way would be a fault of ours.
  server.keepAliveTimeout = 120_000;
  return server;
}

function routesOf(calls: Calls, faults: Faults): Readonly<Record<string, Handler>> {
  const health: Handler = (_request, response, { pathname }) => {
    if (!sendFault(faults, pathname, response)) sendJson(response, 200, { status: 'ok', stand_in: true });
  };
  const conversations = Object.entries(DIALECTS).map(([path, dialect]): [string, Handler] => [
    `POST ${path}`,
    (request, response) => converse({ dialect, path, calls, faults }, request, response),
  ]);
  return {
    ...Object.fromEntries(conversations),
    'GET /v1/models': (_request, response, { pathname }) => {
      if (sendFault(faults, pathname, response)) return;
      const data = MODELS.map((id) => ({ id, object: 'model', created: 0, owned_by: 'stand-in', type: 'model' }));
      sendJson(response, 200, { object: 'list', data, has_more: false });
    },
    'GET /health': health,
    'GET /healthz': health,
    'GET /readyz': health,
    'GET /stand-in/calls': (_request, response, { searchParams }) =>
      sendJson(response, 200, calls.report(searchParams.get('model') ?? undefined)),
    'DELETE /stand-in/calls': (_request, response) => {
      calls.clear();
      sendJson(response, 200, {});
    },
    'GET /stand-in/faults': (_request, response) => sendJson(response, 200, { faults: faults.list() }),
    'POST /stand-in/faults': (request, response) => addFault(faults, request, response),
    'DELETE /stand-in/faults': (_request, response) => {
      faults.clear();
      sendJson(response, 200, {});
    },
  };
}

async function addFault(faults: Faults, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    sendJson(response, 201, faults.add(JSON.parse(await readText(request))));
  } catch (error) {
    if (!(error instanceof ZodError || error instanceof SyntaxError)) throw error;
    const issues = error instanceof ZodError ? error.issues : [{ path: [], message: 'must be JSON' }];
    sendJson(response, 400, { errors: issues.map(({ path, message }) => ({ field: path.join('.'), rule: message })) });
  }
}

/** A fault of a path that is no call of a model. @returns false when there is none */
function sendFault(faults: Faults, path: string, response: ServerResponse): boolean {
  const { fault } = faults.take({ path });
  if (fault?.kind === 'silent') return true;
  if (fault?.kind !== 'status') return false;
  sendJson(response, fault.status, openai.error(fault.status, 'by_status', 'The stand-in was told to fail.'));
  return true;
}

function unknownRoute(routes: Readonly<Record<string, Handler>>, path: string): Handler {
  const known = Object.keys(routes).filter((route) => route.endsWith(` ${path}`));
  const allow = known.map((route) => route.split(' ')[0]).join(', ');
  return (_request, response) =>
    known.length > 0
      ? sendJson(response, 405, { error: { message: `use ${allow}` } }, { allow })
      : sendJson(response, 404, { error: { message: `there is nothing at ${path}` } });
}

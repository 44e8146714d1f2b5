import { FleetError } from '@fleet/errors';
import type { Store } from '@fleet/store';
import type { FleetClient, UiLinks } from '@fleet/temporal-client';
import type { Logger, Registry } from '@fleet/telemetry';
import { fastify, LogController, type FastifyBaseLogger } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { boundedStore } from './bounded-store';
import type { ChatRoom } from './chat/room';
import type { GatewayConfig } from './config';
import { registerJsonBody } from './json-body';
import { Lifecycle } from './lifecycle';
import { createGatewayMetrics } from './metrics';
import { registerOpenApi } from './openapi';
import { createProbes } from './probes';
import { JSON_LIMIT, rawProblem, sendProblem } from './problem';
import { registerRequestLog, requestIdOf } from './request-log';
import { registerAdminRoutes } from './routes/admin';
import { registerApprovalRoutes } from './routes/approvals';
import { registerArtifactRoutes } from './routes/artifacts';
import { registerChatRoutes } from './routes/chat';
import { registerCompletionRoutes } from './routes/completions';
import { registerHealthRoutes } from './routes/health';
import { registerJobActionRoutes } from './routes/job-actions';
import { registerJobRoutes } from './routes/jobs';
import { registerMonitorRoutes } from './routes/monitors';
import { registerMonitorRunRoutes } from './routes/monitor-runs';
import { registerMonitorStateRoutes } from './routes/monitor-states';
import { registerQueueRoutes } from './routes/queues';
import { registerRouterModelRoutes } from './routes/router-models';
import { registerScheduleActionRoutes } from './routes/schedule-actions';
import { registerScheduleChangeRoutes } from './routes/schedule-changes';
import { registerScheduleRoutes } from './routes/schedules';
import { registerWorkerRoutes } from './routes/workers';
import { registerWorkflowRoutes } from './routes/workflows';
import { guardFor, ownerFor } from './security';
import type { App, Services } from './services';
import { validatorCompiler } from './validation';

/** What the gateway is made of. Tests hand in their own. */
export interface Dependencies {
  readonly client: FleetClient;
  readonly store: Store;
  readonly chat: ChatRoom;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly config: Pick<GatewayConfig, 'token' | 'allowedHosts' | 'environment' | 'monitorAllow'>;
  readonly lifecycle?: Lifecycle;
  /** Where Temporal's web UI shows things. */
  readonly ui: UiLinks;
  /** Who all requests act for. Default: whom the token stands for. */
  readonly principal?: string;
}

/** Milliseconds for a whole request to arrive, an artefact of 64 MiB included. */
const REQUEST_TIMEOUT_MS = 300_000;
/** Milliseconds of silence after which a connection is dead: more than the longest wait for a result. */
const SILENCE_MS = 90_000;
/** The longest id as it stands in a path, every character percent-encoded. */
const LONGEST_PARAMETER = 4096;

/** Builds the gateway without listening. The caller owns `client`, `store` and `chat` and closes them. */
export async function buildApp(dependencies: Dependencies): Promise<App> {
  const { client, chat, config } = dependencies;
  const store = boundedStore(dependencies.store);
  const probes = createProbes(client, store);
  const metrics = createGatewayMetrics(dependencies.metrics, client, probes);
  const lifecycle = dependencies.lifecycle ?? new Lifecycle();
  const { ui, principal: owner = ownerFor(config) } = dependencies;
  const { environment, monitorAllow: allow } = config;
  const parts = { client, store, chat, metrics, probes, lifecycle, owner, ui, environment };
  const services: Services = { ...parts, monitorPolicy: { allow } };

  const app = createServer(dependencies.logger);
  registerRequestLog(app, metrics);
  registerGuards(app, config, owner);
  registerDraining(app, lifecycle);
  registerJsonBody(app);
  await registerOpenApi(app);
  for (const register of ROUTES) await register(app, services);
  await app.ready();
  return app;
}

const ROUTES: readonly ((app: App, services: Services) => void | Promise<void>)[] = [
  registerHealthRoutes,
  registerChatRoutes,
  registerCompletionRoutes,
  registerRouterModelRoutes,
  registerJobRoutes,
  registerJobActionRoutes,
  registerScheduleRoutes,
  registerScheduleChangeRoutes,
  registerScheduleActionRoutes,
  registerQueueRoutes,
  registerWorkerRoutes,
  registerWorkflowRoutes,
  registerApprovalRoutes,
  registerMonitorRoutes,
  registerMonitorStateRoutes,
  registerMonitorRunRoutes,
  registerArtifactRoutes,
  registerAdminRoutes,
];

function createServer(loggerInstance: FastifyBaseLogger): App {
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestIdOf,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: SILENCE_MS,
    bodyLimit: JSON_LIMIT,
    // While draining, connections that are open still get real answers; /readyz sends new ones elsewhere.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Node would answer a missing Host header with an empty 400.
    http: { requireHostHeader: false },
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply),
    clientErrorHandler: (error, socket) => {
      if (error.code !== 'ECONNRESET' && socket.writable) socket.end(rawProblem('the request is not HTTP', 'none'));
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  return app;
}

/** Clients that keep their connection would keep the process from ending. */
function registerDraining(app: App, lifecycle: Lifecycle): void {
  app.addHook('onSend', async (_request, reply) => {
    if (lifecycle.draining) reply.header('connection', 'close');
  });
}

function registerGuards(app: App, config: Dependencies['config'], principal: string): void {
  const guard = guardFor(config, principal);
  app.addHook('onRequest', async (request) => guard(request));
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  app.setNotFoundHandler((request) => {
    const path = (request.url.split('?')[0] ?? '').slice(0, 200);
    throw new FleetError('route_not_found', { method: request.method, path });
  });
}

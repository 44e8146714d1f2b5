import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '@fleet/store';
import { createLogger, createMetrics, onStopRequest, type Logger } from '@fleet/telemetry';
import { listenError } from '@fleet/telemetry/listen-error';
import { loadEnvironment, onReloadRequest } from '@fleet/telemetry/reload';
import { logLevelFrom } from '@fleet/telemetry/settings';
import { openFleetClient, uiLinksFrom } from '@fleet/temporal-client';
import { buildApp } from './app';
import { openChatRoom, type ChatRoom } from './chat/room';
import { configFrom, type Environment, type GatewayConfig } from './config';
import { disabledClient, NO_LINKS } from './disabled-client';
import { exitWith } from './exit';
import { Lifecycle } from './lifecycle';
import { startApplyLoop } from './schedules/apply-loop';
import type { App } from './services';
import { startUpkeep } from './upkeep';

/** Milliseconds for one call to Temporal: with a call to the store before it, an answer still leaves within 5 s. */
const TEMPORAL_DEADLINE_MS = 3000;
/** Milliseconds after SIGTERM at which the process ends, whatever still runs. */
const DRAIN_MS = 9500;
/** Milliseconds after which whoever still waits for a chat is told that it goes on without them. */
const END_WAITS_MS = 6000;
/** Milliseconds left for connections whose requests do not end by themselves. */
const CLOSE_MS = 8000;

interface Running {
  readonly app: App;
  readonly chat: ChatRoom;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly close: () => Promise<void>;
}

/**
 * Runs the gateway until SIGTERM or SIGINT. It then takes no new connections, finishes the requests it has and exits with
 * code 0 within 10 s; a second signal ends it at once. What keeps it from starting is one line on standard error and exit
 * code 1. Temporal and Postgres need not be up: /readyz says when they are.
 */
export async function runGateway(env: Environment): Promise<void> {
  try {
    const read = loadEnvironment();
    const running = await start(env);
    drainOnRequest(env, running);
    onReloadRequest({ read, apply: (changed) => reload(running, changed), logger: running.logger });
  } catch (error) {
    exitWith(error);
  }
}

async function start(env: Environment): Promise<Running> {
  const config = configFrom(env);
  const logger = createLogger({ name: 'gateway', env });
  const warn = (line: string): void => logger.warn(line);
  const { identity } = config;
  const client = config.temporalEnabled
    ? openFleetClient({ env, identity, deadlineMs: TEMPORAL_DEADLINE_MS, warn })
    : disabledClient();
  const ui = config.temporalEnabled ? uiLinksFrom(env) : NO_LINKS;
  const store = openStore({ url: config.databaseUrl });
  const metrics = createMetrics({ app: 'gateway' });
  const { databaseUrl, temporalEnabled } = config;
  const chat = openChatRoom({ env, store, databaseUrl, identity, logger, metrics, ...(temporalEnabled && { client }) });
  const lifecycle = new Lifecycle();
  const app = await buildApp({ client, store, chat, logger, metrics, config, lifecycle, ui });
  const address = await listen(app, config);
  logger.info({ address }, 'listening');
  chat.start();
  const schedules = temporalEnabled ? startApplyLoop({ store, client, logger }) : undefined;
  // With Temporal it is the schedule's.
  const upkeep = temporalEnabled ? undefined : startUpkeep({ store, logger });
  const close = async (): Promise<void> => {
    await app.close();
    await Promise.all([chat.close(), upkeep?.stop(), schedules?.stop()]);
    await Promise.allSettled([client.close(), store.close()]);
  };
  return { app, chat, logger, lifecycle, close };
}

/** What can change while requests are under way. @throws FleetError `invalid_variable`, `unreadable_file`: nothing has changed */
function reload({ app, chat, logger }: Running, env: Environment): object {
  const level = logLevelFrom(env);
  chat.reload(env);
  logger.level = level;
  // Requests log through a child of it, which has a level of its own.
  app.log.level = level;
  return { log_level: level, models: chat.router.catalog.models.length };
}

async function listen(app: App, { host, port }: GatewayConfig): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    throw listenError(error, { host, port, user: 'the gateway', portVariable: 'FLEET_GATEWAY_PORT' });
  }
}

function drainOnRequest(env: Environment, running: Running): void {
  let requests = 0;
  onStopRequest(env, (reason) => {
    requests += 1;
    if (requests > 1) process.exit(1);
    running.logger.info({ reason }, 'draining');
    drain(running).then(() => process.exit(0), exitWith);
  });
}

async function drain({ app, logger, lifecycle, close }: Running): Promise<void> {
  lifecycle.drain();
  // A connection is closed once its last request is answered; Node looks only when close() is called.
  const sweep = setInterval(() => app.server.closeIdleConnections(), 200);
  const ending = setTimeout(() => lifecycle.endWaits(), END_WAITS_MS);
  const cut = setTimeout(() => app.server.closeAllConnections(), CLOSE_MS);
  await Promise.race([close(), sleep(DRAIN_MS)]);
  clearInterval(sweep);
  clearTimeout(ending);
  clearTimeout(cut);
  logger.info('stopped');
}

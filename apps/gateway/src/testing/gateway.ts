import { openStore, type Store } from '@fleet/store';
import { createTestDatabase } from '@fleet/store/test-database';
import { createLogger, createMetrics } from '@fleet/telemetry';
import { openFleetClient, uiLinksFrom, type FleetClient } from '@fleet/temporal-client';
import { createTestNamespace } from '@fleet/temporal-client/test-namespace';
import { buildApp } from '../app';
import type { StreamLimits } from '../chat/event-stream';
import { openChatRoom } from '../chat/room';
import type { Environment, GatewayConfig } from '../config';
import { disabledClient, NO_LINKS } from '../disabled-client';
import { Lifecycle } from '../lifecycle';
import type { App } from '../services';

/** A gateway over a namespace and a database of its own, on the servers that every spec shares. */
export interface TestGateway {
  readonly app: App;
  readonly client: FleetClient;
  readonly store: Store;
  readonly lifecycle: Lifecycle;
  /** Temporal's address, as host:port. */
  readonly address: string;
  readonly namespace: string;
  readonly databaseUrl: string;
  /** What the gateway logged, a line each. */
  readonly logged: readonly string[];
  /** Listens on a free port of 127.0.0.1. Answers with the origin. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

/** What a test may decide about its gateway. */
export interface TestGatewayOptions {
  readonly config?: Partial<Pick<GatewayConfig, 'token' | 'allowedHosts' | 'monitorAllow'>>;
  /** Address of a proxy to reach Temporal through. */
  readonly temporalAddress?: string;
  /** Puts a proxy before the database. */
  readonly databaseUrl?: (url: string) => string;
  /** Which models there are. Default: none. */
  readonly env?: Environment;
  readonly limits?: Partial<StreamLimits>;
  /** Default true. */
  readonly temporalEnabled?: boolean;
  /** Who all requests act for. Default: whom the token stands for. */
  readonly principal?: string;
  /** Of another gateway: this one has its namespace and database, and leaves them there. */
  readonly beside?: TestGateway;
}

/** Builds a gateway as server.ts does. */
export async function createTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const { temporalEnabled = true, limits } = options;
  const { namespace, database } = await groundOf(options.beside);
  const env = {
    ...options.env,
    TEMPORAL_ADDRESS: options.temporalAddress ?? namespace.address,
    TEMPORAL_NAMESPACE: namespace.namespace,
  };
  const deadlines = { identity: 'gateway-spec', deadlineMs: 3000, warn: () => undefined };
  const client = temporalEnabled ? openFleetClient({ env, ...deadlines }) : disabledClient();
  const databaseUrl = options.databaseUrl?.(database.url) ?? database.url;
  const store = openStore({ url: databaseUrl });
  const logged: string[] = [];
  const logger = createLogger({ name: 'gateway', env: {}, destination: { write: (line) => void logged.push(line) } });
  const lifecycle = new Lifecycle();
  const config = { allowedHosts: new Set<string>(), environment: 'development', monitorAllow: [], ...options.config };
  const metrics = createMetrics({ app: 'gateway' });
  const chat = openChatRoom({
    env,
    store,
    databaseUrl,
    identity: 'gateway-spec',
    logger,
    metrics,
    ...(temporalEnabled && { client }),
    ...(limits && { limits }),
  });
  const ui = temporalEnabled ? uiLinksFrom(env) : NO_LINKS;
  const { principal } = options;
  const parts = { client, store, chat, logger, metrics, config, lifecycle, ui };
  const app = await buildApp({ ...parts, ...(principal && { principal }) });
  return {
    app,
    client,
    store,
    lifecycle,
    address: namespace.address,
    namespace: namespace.namespace,
    databaseUrl: database.url,
    logged,
    listen: () => app.listen({ host: '127.0.0.1', port: 0 }),
    async close() {
      // A spec may leave a download half read.
      app.server.closeAllConnections();
      await app.close();
      await chat.close();
      await Promise.allSettled([client.close(), store.close()]);
      await database.drop();
    },
  };
}

/** Where a gateway stands: on a namespace and a database of its own, or on those of another. */
async function groundOf(beside: TestGateway | undefined) {
  if (beside) {
    const { address, namespace, databaseUrl: url } = beside;
    return { namespace: { address, namespace }, database: { url, drop: () => Promise.resolve() } };
  }
  const [namespace, database] = await Promise.all([createTestNamespace(), createTestDatabase()]);
  return { namespace, database };
}

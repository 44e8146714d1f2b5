import type { Store } from '@fleet/store';
import type { FleetClient, UiLinks } from '@fleet/temporal-client';
import type { UrlPolicy } from '@fleet/url-guard';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { ChatRoom } from './chat/room';
import type { Lifecycle } from './lifecycle';
import type { GatewayMetrics } from './metrics';
import type { Probes } from './probes';

/** The HTTP server, its routes typed by their zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What the routes work with. */
export interface Services {
  readonly client: FleetClient;
  readonly store: Store;
  readonly metrics: GatewayMetrics;
  readonly chat: ChatRoom;
  readonly probes: Probes;
  readonly lifecycle: Lifecycle;
  /** Principal that all requests act for. */
  readonly owner: string;
  /** Which of several fleets the gateway is of. */
  readonly environment: string;
  /** Where Temporal's web UI shows things. */
  readonly ui: UiLinks;
  /** Which pages monitors may read, and where their webhooks may go. */
  readonly monitorPolicy: UrlPolicy;
}

import { approvalsIn, type Approvals } from './approvals/approvals';
import { artifactsIn, type Artifacts } from './artifacts/artifacts';
import { chatLogIn, type ChatLog } from './chat-log/chat-log';
import { openDatabase } from './database';
import { eventsIn, type Events } from './events';
import { idempotencyIn, type Idempotency } from './idempotency';
import { imagesIn, type Images } from './images';
import { jobsIn, type Jobs } from './jobs';
import { journalsIn, type Journals } from './journals';
import { monitorsIn, type Monitors } from './monitors/monitors';
import { noticesIn, type Notices } from './monitors/notices';
import { monitorExecutionsIn, type MonitorExecutions } from './monitors/executions';
import { providerCallsIn, type ProviderCalls } from './provider-calls/provider-calls';
import { reconciliationIn, type Reconciliation } from './reconciliation';
import { routingIn, type Routing } from './routing/routing';
import { schedulesIn, type Schedules } from './schedules/schedules';
import { readSchemaVersion } from './schema';
import { upkeepIn, type Upkeep } from './upkeep';

/** Options of `openStore`. */
export interface StoreOptions {
  /** `postgres://user:password@host:port/database`; `?sslmode=require` for TLS. */
  readonly url: string;
  /** Connections held at most. Default 10. */
  readonly maxConnections?: number;
  /** Told the notices of the server. Default: they are dropped. */
  readonly onNotice?: (line: string) => void;
}

/** The application's store: one repository for each concern, over one pool. */
export interface Store {
  readonly approvals: Approvals;
  readonly artifacts: Artifacts;
  readonly chatLog: ChatLog;
  readonly events: Events;
  readonly idempotency: Idempotency;
  readonly images: Images;
  readonly jobs: Jobs;
  readonly monitors: Monitors;
  readonly journals: Journals;
  readonly notices: Notices;
  readonly monitorExecutions: MonitorExecutions;
  readonly providerCalls: ProviderCalls;
  readonly reconciliation: Reconciliation;
  readonly routing: Routing;
  readonly upkeep: Upkeep;
  readonly schedules: Schedules;
  /** Asks the server for an answer. @param deadlineMs default 2,000. @throws FleetError `store_unavailable` */
  ping(deadlineMs?: number): Promise<void>;
  /** The schema version of the database, 0 when it was never migrated. @throws FleetError `store_unavailable` */
  schemaVersion(): Promise<number>;
  /** Lets running statements end for 2 s, then drops all connections. Calls afterwards fail with `store_unavailable`. */
  close(): Promise<void>;
}

/**
 * Opens the store. Nothing is connected until the first call, and a server that went away is found again by itself: every
 * call ends within 10 s, with FleetError `store_unavailable` when Postgres cannot be reached or does not answer.
 */
export function openStore({ url, maxConnections = 10, onNotice }: StoreOptions): Store {
  const database = openDatabase({ url, maxConnections, onNotice });
  return {
    approvals: approvalsIn(database),
    artifacts: artifactsIn(database),
    chatLog: chatLogIn(database),
    events: eventsIn(database),
    idempotency: idempotencyIn(database),
    images: imagesIn(database),
    jobs: jobsIn(database),
    monitors: monitorsIn(database),
    journals: journalsIn(database),
    notices: noticesIn(database),
    monitorExecutions: monitorExecutionsIn(database),
    providerCalls: providerCallsIn(database),
    reconciliation: reconciliationIn(database),
    routing: routingIn(database),
    upkeep: upkeepIn(database),
    schedules: schedulesIn(database),
    async ping(deadlineMs = 2_000) {
      await database.run((sql) => sql`select 1`, deadlineMs);
    },
    schemaVersion: () => readSchemaVersion(database),
    close: () => database.close(),
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { createChatActivities, routerFrom, type LiveRouter } from '@fleet/activities/chat';
import { createLocalExecutor, type JournalStore, type LocalExecutor } from '@fleet/durable-executor';
import type { Dispatcher } from '@fleet/durable-executor/dispatch';
import { openPostgresStore } from '@fleet/durable-executor/postgres';
import { createAdapters, createProber, type Prober, type Router } from '@fleet/model-router';
import type { Store } from '@fleet/store';
import type { Logger, Registry } from '@fleet/telemetry';
import type { FleetClient } from '@fleet/temporal-client';
import type { StreamLogInput } from '@fleet/workflow-registry/messages';
import { chat, orchestrate, streamLog } from '@fleet/workflows/portable';
import type { Environment } from '../config';
import { Background } from './background';
import { createChatMetrics, type ChatMetrics } from './chat-metrics';
import { openDispatch } from './dispatch';
import { STREAM_LIMITS, type StreamLimits } from './event-stream';

/** What chats are answered with. */
export interface ChatRoom {
  readonly router: LiveRouter;
  readonly dispatcher: Dispatcher;
  readonly metrics: ChatMetrics;
  readonly limits: StreamLimits;
  /** Has the row of a stream written, behind the back of its reader. */
  logStream(entry: StreamLogInput, owner: string): void;
  /** Takes over what gateways that died left running, as soon as Postgres answers, and looks at the providers every 30 s. */
  start(): void;
  /**
   * Takes the models and the way of choosing from an environment. What is under way goes on with what it began with.
   *
   * @throws FleetError `invalid_variable`, `unreadable_file`: then nothing has changed.
   */
  reload(env: Environment): void;
  /** Gives rows that are being written 2 s, then lets go of what runs: another gateway goes on with it. */
  close(): Promise<void>;
}

/** What a room is made of. */
export interface ChatRoomOptions {
  /** Says which models there are and where Temporal is; docs/configuration.md has the variables. */
  readonly env: Environment;
  /** Tells whether a worker polls the queue of chats. Absent: chats run in this process alone. */
  readonly client?: Pick<FleetClient, 'hasPollers'>;
  /** Who the gateway is on the Temporal server. */
  readonly identity: string;
  readonly store: Store;
  /** Of the database that the journals are kept in. */
  readonly databaseUrl: string;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Default: those of every stream. */
  readonly limits?: Partial<StreamLimits>;
}

const RESUME_AGAIN_MS = 1000;
const CLOSE_MS = 2000;

/**
 * Opens the room. Nothing is connected until the first chat.
 *
 * @throws FleetError `invalid_variable`, `unreadable_file`: the models or the Temporal that are configured cannot be used.
 */
export function openChatRoom(options: ChatRoomOptions): ChatRoom {
  const { env, store, logger } = options;
  const router = routerFrom(env, store);
  const prober = probing(router);
  const journal = openPostgresStore({ url: options.databaseUrl });
  const local = openLocal(options, journal, router);
  const { dispatcher, circuit, ...dispatch } = openDispatch({ ...options, local });
  const background = new Background();
  let closed = false;
  return {
    router,
    dispatcher,
    metrics: createChatMetrics(options.metrics, { circuit }),
    limits: { ...STREAM_LIMITS, ...options.limits },
    logStream(entry, owner) {
      const written = dispatcher.run(streamLog, entry, { id: `stream-log-${entry.requestId}`, owner });
      background.add(written, (error) =>
        logger.error({ err: error, chat_request_id: entry.requestId }, 'the row of a stream is not written yet'),
      );
    },
    start() {
      void resumed(local, () => closed);
      prober.start();
    },
    reload(changed) {
      router.reload(changed);
      prober.renew();
    },
    async close() {
      await Promise.all([background.done(CLOSE_MS), prober.stop()]);
      closed = true;
      await dispatch.close();
      await local.close();
      await journal.close();
    },
  };
}

/** Looks at the providers that the router has now. */
function probing(router: LiveRouter): Pick<Prober, 'start' | 'stop'> & { renew(): void } {
  const create = (): Prober => createProber({ adapters: createAdapters(router.catalog), state: router.state });
  let prober = create();
  let ending = Promise.resolve();
  let runs = false;
  return {
    start() {
      runs = true;
      prober.start();
    },
    async stop() {
      runs = false;
      await Promise.all([prober.stop(), ending]);
    },
    renew() {
      const before = prober.stop();
      ending = Promise.all([ending, before]).then(() => undefined);
      prober = create();
      if (runs) prober.start();
    },
  };
}

function openLocal({ store, logger }: ChatRoomOptions, journal: JournalStore, router: Router): LocalExecutor {
  return createLocalExecutor({
    store: journal,
    workflows: [chat, orchestrate, streamLog],
    activities: createChatActivities({ store, router }),
    hooks: [{ onError: (error) => logger.warn({ err: error }, 'a chat in this process') }],
  });
}

/** Postgres may come later than the gateway. */
async function resumed(local: LocalExecutor, isClosed: () => boolean): Promise<void> {
  while (!isClosed()) {
    try {
      return await local.resume();
    } catch {
      await sleep(RESUME_AGAIN_MS);
    }
  }
}

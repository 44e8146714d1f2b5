import { hostname } from 'node:os';
import { taskQueuesFrom } from '@fleet/task-queues/overrides';
import { Client, Connection } from '@temporalio/client';
import { executions } from './admin/executions';
import { schedules } from './admin/schedules';
import { boundedBy } from './bounded';
import { connectionConfigFrom } from './connection-config';
import type { Environment } from './deprecated-names';
import type { FleetClient, JobResult } from './fleet-client';
import { GrpcRetries } from './grpc-retries';
import { cancel, query, signal, terminate, update } from './jobs/control';
import { describe } from './jobs/describe';
import { history } from './jobs/history';
import { list } from './jobs/list';
import { result } from './jobs/result';
import { retry } from './jobs/retry';
import { start } from './jobs/start';
import { ownerInterceptors } from './owner-interceptors';
import { Queues } from './queues';
import { describeSchedule } from './schedules/describe';
import { putSchedule, removeSchedule } from './schedules/put';
import { backfillSchedule, triggerSchedule } from './schedules/run';
import type { Server } from './server';

/** How to open a client. */
export interface OpenOptions {
  /** `TEMPORAL_*` says where Temporal is, `FLEET_<QUEUE>_*` changes the table. */
  readonly env: Environment;
  /** Shown by Temporal beside what this process does. Default `fleet@<host>:<pid>`. */
  readonly identity?: string;
  /** Milliseconds that one method may take, all its calls and retries included. Default 4,000. */
  readonly deadlineMs?: number;
  /** Gets one line for each thing worth knowing: deprecated variables, large inputs. */
  readonly warn?: (line: string) => void;
}

const DEFAULT_DEADLINE_MS = 4000;
// gRPC shares one TCP connection between all channels with equal options, so more clients open no more sockets. It waits
// up to two minutes between attempts to connect by default; a fleet must notice within seconds that its server is back.
const CHANNEL_ARGS = { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 2000 };

/**
 * A typed client. Opens nothing by itself: the first call does, and a server that is down fails calls, not this.
 *
 * @throws FleetError `invalid_variable`, `unreadable_file`.
 */
export function openFleetClient(options: OpenOptions): FleetClient {
  const settings = taskQueuesFrom(options.env);
  const server = openServer(options);
  return clientOf(server, new Queues(server, settings));
}

/**
 * The connection that a client stands on, for what is to be built beside it. Close it when done.
 *
 * @throws FleetError `invalid_variable`, `unreadable_file`.
 */
export function openServer(options: OpenOptions): Server {
  const { env, warn = () => undefined, deadlineMs = DEFAULT_DEADLINE_MS } = options;
  const config = connectionConfigFrom(env, warn);
  const identity = options.identity ?? `fleet@${hostname()}:${process.pid}`;
  const retries = new GrpcRetries();
  const connection = Connection.lazy({
    ...config.client,
    channelArgs: CHANNEL_ARGS,
    interceptors: [retries.interceptor],
  });
  const { namespace } = config;
  const client = new Client({ connection, namespace, identity, interceptors: ownerInterceptors() });
  const close = async (): Promise<void> => {
    await retries.end();
    await connection.close();
  };
  return { connection, client, namespace, identity, warn, bounded: boundedBy(connection, deadlineMs), close };
}

function clientOf(server: Server, queues: Queues): FleetClient {
  return {
    admin: { executions: (filter) => executions(server, filter), schedules: (filter) => schedules(server, filter) },
    start: (name, input, options) => start(server, name, input, options),
    describe: (id, runId) => describe(server, id, runId),
    result: async <T>(id: string, options?: { readonly waitMs?: number; readonly runId?: string }) =>
      (await result(server, id, options)) as JobResult<T>,
    cancel: (id, reason) => cancel(server, id, reason),
    terminate: (id, reason) => terminate(server, id, reason),
    signal: (id, name, args) => signal(server, id, name, args),
    query: (id, name, args) => query(server, id, name, args),
    update: (id, name, input, options) => update(server, id, name, input, options),
    retry: (id, owner) => retry(server, id, owner),
    list: (filter) => list(server, filter),
    history: (id, options) => history(server, id, options),
    queues: () => queues.all(),
    queue: (name) => queues.one(name),
    setRate: (name, perSecond, reason) => queues.setRate(name, perSecond, reason),
    workers: () => queues.workers(),
    hasPollers: (name) => queues.hasPollers(name),
    putSchedule: (schedule) => putSchedule(server, schedule),
    removeSchedule: (id, fleet) => removeSchedule(server, id, fleet),
    triggerSchedule: (id) => triggerSchedule(server, id),
    backfillSchedule: (id, backfill) => backfillSchedule(server, id, backfill),
    describeSchedule: (id) => describeSchedule(server, id),
    ping: (deadlineMs) => ping(server, deadlineMs),
    close: () => server.close(),
  };
}

async function ping({ bounded, connection, namespace }: Server, deadlineMs?: number): Promise<void> {
  await bounded(() => connection.workflowService.describeNamespace({ namespace }), deadlineMs);
}

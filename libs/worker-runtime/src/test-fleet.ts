import { createActivities, type Activities, type ActivityDependencies } from '@fleet/activities';
import { openStore, type Store } from '@fleet/store';
import { createTestDatabase } from '@fleet/store/test-database';
import { TASK_QUEUES, type TaskQueueName } from '@fleet/task-queues';
import { createMetrics, type Registry } from '@fleet/telemetry';
import { openFleetClient, type FleetClient } from '@fleet/temporal-client';
import { WORKER_HEARTBEAT_MS } from '@fleet/temporal-client/liveness';
import { createTestNamespace } from '@fleet/temporal-client/test-namespace';
import { DefaultLogger, NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import { temporalAsker } from './ask-temporal';
import { createActivityMetrics } from './activity-metrics';
import { buildBundle } from './bundle';
import { createWorker, type WorkerParts } from './create-worker';

/** Our own workers in the process of a spec, on a namespace and a database of their own. For specs only. */
export interface TestFleet {
  readonly client: FleetClient;
  readonly store: Store;
  readonly registry: Registry;
  /** Variables that lead to its Temporal. */
  readonly env: Readonly<Record<string, string>>;
  /** What the worker of the first queue was made of. */
  readonly parts: WorkerParts;
  stop(): Promise<void>;
}

/** Starts one worker for each queue. @param change Activities in place of the real ones. @param more What the real ones are handed. */
export async function startTestFleet(
  queues: readonly TaskQueueName[],
  change: (activities: Activities) => Partial<Activities> = () => ({}),
  more: Partial<ActivityDependencies> = {},
): Promise<TestFleet> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), workerHeartbeatInterval: WORKER_HEARTBEAT_MS });
  const server = await createTestNamespace();
  const database = await createTestDatabase();
  const store = openStore({ url: database.url });
  // A spec that computes beside other specs keeps this process busy for seconds: that is no outage.
  const client = openFleetClient({ env: server.env, deadlineMs: 20_000 });
  const connection = await NativeConnection.connect({ address: server.address });
  const registry = createMetrics({ queue: 'spec' });
  const temporal = temporalAsker(server.env);
  const real = createActivities({ store, env: {}, askTemporal: temporal.ask, schedules: client, ...more });
  const common = {
    connection,
    namespace: server.namespace,
    bundle: { code: await buildBundle(require.resolve('@fleet/workflows')) },
    activities: { ...real, ...change(real) },
    metrics: createActivityMetrics(registry),
    workerSideRate: undefined,
  };
  const all = queues.map((queue): WorkerParts => ({
    ...common,
    config: { queue, settings: TASK_QUEUES[queue], host: '127.0.0.1', databaseUrl: database.url },
    identity: `${queue}@spec`,
  }));
  const workers: Worker[] = [];
  for (const parts of all) workers.push(await createWorker(parts));
  const running = workers.map((worker) => worker.run());
  const [parts] = all;
  if (!parts) throw new Error('a test fleet needs a queue');
  const stop = async (): Promise<void> => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
    await Promise.all([client.close(), temporal.close(), connection.close(), store.close()]);
    await database.drop();
  };
  return { client, store, registry, env: server.env, parts, stop };
}

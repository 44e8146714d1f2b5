import { createActivities, type Activities } from '@fleet/activities';
import { routerFrom } from '@fleet/activities/chat';
import { ensureSchedule } from '@fleet/activities/schedules';
import { errorText, isFleetError } from '@fleet/errors';
import { openStore, waitForSchema, type Store } from '@fleet/store';
import type { TaskQueueName } from '@fleet/task-queues';
import { createLogger, createMetrics, startHealthServer, type Logger } from '@fleet/telemetry';
import { requireOwnEnvironment } from '@fleet/telemetry/environment';
import { loadEnvironment } from '@fleet/telemetry/reload';
import { openFleetClient, reconcileRate, type FleetClient } from '@fleet/temporal-client';
import { connectionConfigFrom, type ConnectionConfig } from '@fleet/temporal-client/connection-config';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { temporalAsker } from './ask-temporal';
import { createActivityMetrics } from './activity-metrics';
import { findBundle } from './bundle';
import { workerConfigFrom, type WorkerConfig } from './config';
import { unlessRefused, untilItAnswers } from './connect';
import { installCore } from './core-runtime';
import { createWorker } from './create-worker';
import { endPolls } from './end-polls';
import { LiveSettings } from './live-settings';
import { WorkerLife } from './worker-life';
import type { OwnSchedule } from './schedules';
import { TemporalProbe } from './temporal-probe';

/** Things an app adds to the worker of its queue. */
export interface RunWorkerOptions {
  /** Schedules this app keeps in being, and which of them also run when it starts. Default: none. */
  readonly schedules?: readonly OwnSchedule[];
}

/**
 * Runs the worker of a queue until SIGTERM or SIGINT, then ends the process: exit code 0 after a drain, 1 after a failure.
 * The environment is read here; docs/configuration.md has every variable.
 */
export async function runWorker(queue: TaskQueueName, options: RunWorkerOptions = {}): Promise<void> {
  const read = loadEnvironment();
  try {
    const config = workerConfigFrom(process.env, queue);
    const logger = createLogger({ name: `worker-${queue}`, env: process.env }).child({ queue });
    const connectionConfig = connectionConfigFrom(process.env, (line) => logger.warn(line));
    const { databaseUrl } = config;
    const environment = requireOwnEnvironment(process.env, { namespace: connectionConfig.namespace, databaseUrl });
    await runLive({ config, connectionConfig, logger, options, environment, read });
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${oneLine(error)}\n`);
    process.exit(1);
  }
}

/** What the environment has decided before anything is opened. */
interface Settled {
  readonly config: WorkerConfig;
  readonly connectionConfig: ConnectionConfig;
  readonly logger: Logger;
  readonly options: RunWorkerOptions;
  /** Which of several fleets the worker is of. */
  readonly environment: string;
  /** Reads the variables again. */
  readonly read: () => Readonly<Record<string, string | undefined>>;
}

async function runLive(settled: Settled): Promise<void> {
  const { config, logger, environment } = settled;
  // Neither connects; a variable of theirs that cannot be used is told before anything is waited for.
  const store = openStore({ url: config.databaseUrl });
  const log = (fields: object, message: string): void => logger.info(fields, message);
  const temporal = temporalAsker(process.env);
  const client = openFleetClient({ env: process.env, warn: (line) => logger.warn(line) });
  const { ask: askTemporal } = temporal;
  const router = routerFrom(process.env, store);
  const activities = createActivities({ store, env: process.env, log, askTemporal, router, schedules: client });
  const registry = createMetrics({ queue: config.queue });
  const coreMetrics = await installCore(logger);
  const probe = new TemporalProbe(registry);
  const life = new WorkerLife(config, logger, probe, environment);
  const health = await startHealthServer({
    host: config.host,
    port: config.settings.healthPort,
    portVariable: `FLEET_${config.queue.toUpperCase()}_HEALTH_PORT`,
    readiness: () => life.readiness(),
    metrics: async () => (await registry.metrics()) + (await coreMetrics()),
  });
  life.listenForStop(process.env);
  const live = new LiveSettings({ queue: config.queue, logger, router });
  live.listen(settled.read);
  try {
    await work({ ...settled, registry, coreMetrics, probe, life, live, store, client, activities });
  } catch (error) {
    // A SIGTERM while still connecting is a clean end; a drain that had to be forced is a failure.
    if (!life.stoppedBeforeWork) throw error;
  } finally {
    await Promise.all([store.close(), temporal.close(), client.close()]);
    await health.close();
  }
  logger.info('stopped');
}

interface Workplace extends Settled {
  readonly registry: ReturnType<typeof createMetrics>;
  readonly coreMetrics: () => Promise<string>;
  readonly probe: TemporalProbe;
  readonly life: WorkerLife;
  readonly live: LiveSettings;
  readonly store: Store;
  readonly client: FleetClient;
  readonly activities: Activities;
}

async function work(place: Workplace): Promise<void> {
  const { config, logger, life, probe, registry, store } = place;
  const { namespace, address, native } = place.connectionConfig;
  await untilItAnswers('Postgres', logger, life.stopping, () =>
    waitForSchema(store, { signal: life.stopping, timeoutMs: 5000 }),
  );
  const connection = await untilItAnswers(`Temporal at ${address}`, logger, life.stopping, () =>
    unlessRefused(() => NativeConnection.connect(native)),
  );
  probe.start(connection, namespace);
  try {
    const workerSideRate = await untilItAnswers('the queue rate', logger, life.stopping, () =>
      unlessRefused(() => settleRate(connection, namespace, place, config.settings.activitiesPerSecond)),
    );
    place.live.onRate((perSecond) => settleRate(connection, namespace, place, perSecond));
    await untilItAnswers('the schedules', logger, life.stopping, () => ensureSchedules(place));
    const identity = `${config.queue}@${hostname()}:${process.pid}`;
    const parts = {
      config,
      connection,
      namespace,
      identity,
      bundle: await findBundle(process.argv[1] ?? '', join(process.cwd(), '.fleet', 'cache')),
      activities: place.activities,
      metrics: createActivityMetrics(registry),
      workerSideRate,
    };
    const worker: Worker = await untilItAnswers('the namespace', logger, life.stopping, () =>
      unlessRefused(() => createWorker(parts)),
    );
    logger.info({ namespace, address, environment: place.environment, settings: config.settings }, 'running');
    const holdsWorkflows = (): boolean => worker.getStatus().numCachedWorkflows > 0;
    const polling = { connection, namespace, queue: config.queue, identity, holdsWorkflows };
    await life.run(worker, place.coreMetrics, () => endPolls(polling, logger));
  } finally {
    probe.stop();
    await connection.close().catch((error: unknown) => logger.debug({ reason: errorText(error) }, 'connection close'));
  }
}

/** The rate is the server's; only a server that has no such call gets it from the worker. */
async function settleRate(
  connection: NativeConnection,
  namespace: string,
  { config, logger }: Pick<Settled, 'config' | 'logger'>,
  perSecond: number | null,
): Promise<number | undefined> {
  const outcome = await reconcileRate(connection, namespace, config.queue, perSecond);
  logger.info({ perSecond, outcome }, 'queue rate');
  if (outcome !== 'unsupported') return undefined;
  logger.warn('this server cannot keep a queue rate: the worker sends it with each poll, and the last poller wins');
  return perSecond ?? undefined;
}

async function ensureSchedules({ options, logger, store, client }: Workplace): Promise<void> {
  for (const { atStart = false, ...spec } of options.schedules ?? []) {
    const outcome = await ensureSchedule({ store, client }, spec);
    logger.info({ schedule: spec.id, outcome }, 'schedule');
    if (atStart && outcome !== 'taken') await client.triggerSchedule(spec.id);
  }
}

function oneLine(error: unknown): string {
  const text = isFleetError(error)
    ? `${error.code}: ${error.message}. ${error.remedy}`
    : `worker failed: ${errorText(error)}`;
  return text.replaceAll(/\s+/g, ' ');
}

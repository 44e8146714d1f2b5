import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { errorText, FleetError } from '@fleet/errors';
import { assertPortFree } from './ports';
import { logTail, reclaim, startServerProcess, type ServerProcess } from './server-process';
import { findTemporalExecutable } from './temporal-executable';

const HOST = '127.0.0.1';
const START_LIMIT_MS = 60_000;

const settings = {
  // One shard polls its transfer and timer queues 20 times a second by default: up to 50 ms for every hop.
  'history.transferProcessorMaxPollRPS': 300,
  'history.timerProcessorMaxPollRPS': 300,
  // Timers and retry delays under a second take a whole second by default.
  'history.timerProcessorMaxTimeShift': '50ms',
  // One partition: exact rates below 10 a second, strict priority, and fairness.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'matching.enableFairness': true,
  // Without it a worker that shuts down may be handed a task which then waits for its time-out.
  'frontend.enableCancelWorkerPollsOnShutdown': true,
} as const;

const pragmas = {
  journal_mode: 'wal',
  // With WAL, 1 (NORMAL) survives a killed process without loss; only a power cut can cost the last commits.
  synchronous: '1',
} as const;

/**
 * The settings of a Temporal development server that this fleet needs, as flags of `temporal server start-dev` (flag and
 * value are separate items, as `extraArgs` of TestWorkflowEnvironment wants them). Measured: a three-activity workflow
 * takes 27 ms instead of 200, a 50 ms timer 66 ms instead of 1,006, and a graceful worker stop loses no task.
 */
export const TUNED_FLAGS: readonly string[] = [
  ...settingFlags(settings),
  ...Object.entries(pragmas).flatMap(([key, value]) => ['--sqlite-pragma', `${key}=${value}`]),
];

function settingFlags(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).flatMap(([key, value]) => [
    '--dynamic-config-value',
    `${key}=${JSON.stringify(value)}`,
  ]);
}

/** What `startTemporal` starts. */
export interface TemporalOptions {
  /** The fleet's state folder; made when missing. Holds `temporal.db`, `bin/` and `logs/temporal.log`. */
  readonly stateDir: string;
  /** gRPC port on loopback. */
  readonly port: number;
  /** Port of the web UI on loopback; undefined: no web UI. */
  readonly uiPort: number | undefined;
  /** Namespace that exists once the server is ready. `default` always exists too. */
  readonly namespace: string;
  /** More namespaces to create. Default: none. */
  readonly extraNamespaces?: readonly string[];
  /** True: nothing is written to disk, workflows are lost at the stop. Default: false. */
  readonly inMemory?: boolean;
  /** Settings of the server (its dynamic configuration) beside the tuned ones. Default: none. */
  readonly extraSettings?: Readonly<Record<string, unknown>>;
  /** Told what is being done, one line at a time, without a newline. */
  readonly onLine: (line: string) => void;
}

/** A Temporal server started by `startTemporal`. */
export interface RunningTemporal {
  /** `host:port` of gRPC. */
  readonly address: string;
  /** URL of the web UI; undefined without one. */
  readonly uiAddress: string | undefined;
  readonly pid: number;
  /** Resolves with the reason when the server has ended, whoever ended it. Never rejects. */
  readonly exited: Promise<string>;
  /** Stops the server in good order (SIGKILL after 10 s) and waits for its end. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a tuned Temporal server and waits until gRPC answers and every namespace exists.
 *
 * @throws FleetError `port_in_use` naming FLEET_TEMPORAL_PORT or FLEET_TEMPORAL_UI_PORT; `already_running` when a fleet
 *   runs from the same folder; `setup_failed` when there is no executable, or the server ends or is not ready in 60 s.
 */
export async function startTemporal(given: TemporalOptions): Promise<RunningTemporal> {
  const options = { ...given, stateDir: resolve(given.stateDir) };
  mkdirSync(options.stateDir, { recursive: true });
  await reclaim(options.stateDir, 'temporal', 'SIGTERM', options.onLine);
  await assertPortsFree(options);
  const executable = await findTemporalExecutable(options);
  await assertPortsFree(options); // a build may have taken minutes
  const server = await startServerProcess({
    name: 'temporal',
    stateDir: options.stateDir,
    command: executable,
    args: flags(options),
    stopSignal: 'SIGTERM',
    stopLimitMs: 10_000,
  });
  try {
    await waitUntilReady(server, options);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    address: `${HOST}:${options.port}`,
    uiAddress: options.uiPort === undefined ? undefined : `http://${HOST}:${options.uiPort}`,
    pid: server.pid,
    exited: server.exited,
    stop: () => server.stop(),
  };
}

async function assertPortsFree({ port, uiPort }: TemporalOptions): Promise<void> {
  await assertPortFree(port, HOST, 'FLEET_TEMPORAL_PORT', 'Temporal');
  if (uiPort !== undefined) await assertPortFree(uiPort, HOST, 'FLEET_TEMPORAL_UI_PORT', "Temporal's web UI");
}

function namespaces(options: TemporalOptions): string[] {
  return [...new Set([options.namespace, ...(options.extraNamespaces ?? [])])];
}

function flags(options: TemporalOptions): string[] {
  const ui = options.uiPort === undefined ? ['--headless'] : ['--ui-ip', HOST, '--ui-port', String(options.uiPort)];
  const database = options.inMemory ? [] : ['--db-filename', join(options.stateDir, 'temporal.db')];
  return [
    'server',
    'start-dev',
    `--ip=${HOST}`,
    `--port=${options.port}`,
    ...ui,
    ...database,
    ...namespaces(options).flatMap((name) => ['--namespace', name]),
    '--log-level=warn',
    '--log-format=json',
    ...TUNED_FLAGS,
    ...settingFlags(options.extraSettings ?? {}),
  ];
}

async function waitUntilReady(server: ServerProcess, options: TemporalOptions): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  let problem: unknown;
  while (Date.now() < deadline) {
    if (server.hasExited()) throw startFailure(`${await server.exited}: ${logTail(server.logFile)}`);
    try {
      return await probe(options);
    } catch (error) {
      problem = error;
      await delay(50);
    }
  }
  throw startFailure(`not ready after ${START_LIMIT_MS / 1000} s: ${errorText(problem)} (see ${server.logFile})`);
}

async function probe(options: TemporalOptions): Promise<void> {
  // connect() is getSystemInfo: it fails until the frontend serves.
  const connection = await Connection.connect({
    address: `${HOST}:${options.port}`,
    connectTimeout: 1_000,
    // The usual pause of a second after a refused connection is longer than the server's whole start.
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 100 },
  });
  try {
    await connection.withDeadline(Date.now() + 2_000, async () => {
      for (const namespace of namespaces(options)) await connection.workflowService.describeNamespace({ namespace });
    });
  } finally {
    await connection.close();
  }
  // The web UI is a server of its own and comes up a moment later.
  if (options.uiPort !== undefined)
    await fetch(`http://${HOST}:${options.uiPort}/`, { signal: AbortSignal.timeout(2_000) });
}

function startFailure(reason: string): FleetError {
  return new FleetError('setup_failed', { step: 'Starting Temporal', reason });
}

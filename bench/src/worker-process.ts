import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from './stage';

const STOP_LIMIT_MS = 10_000;
/** Linux counts CPU time for user space in hundredths of a second on every architecture Node runs on. */
const TICK_MS = 10;

/** What is needed to start one worker. */
export interface WorkerProcessOptions {
  /** For messages and its log file. */
  readonly name: string;
  /** The JavaScript file Node runs. */
  readonly file: string;
  /** Its variables, on top of what every contestant gets alike. */
  readonly env: Readonly<Record<string, string>>;
}

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly name: string;
  /** CPU time it has used so far, user and system, all threads, milliseconds. NaN where there is no /proc. */
  cpuMs(): number;
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>;
}

/** Starts a worker. One that ends before it was told to fails the whole bench, with the end of its log. */
export function startWorker(stage: Stage, options: WorkerProcessOptions): WorkerProcess {
  const logFile = join(stage.folder, `${options.name}-${Date.now()}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [options.file], {
    // A folder without an .env file.
    cwd: stage.folder,
    env: { ...commonEnv(), ...options.env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const pid = child.pid as number;
  let stopping = false;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => stage.fail(error));
    child.once('exit', (code, signal) => {
      if (!stopping) stage.fail(new Error(`${options.name} ended (${signal ?? code}): ${tail(logFile)}`));
      resolve();
    });
  });
  const stop = stage.endings.add(async () => {
    stopping = true;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  }, pid);
  return { name: options.name, cpuMs: () => cpuMs(pid), stop };
}

/** The same for all contestants. What was set for a fleet on this machine must not reach either of them. */
export function commonEnv(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      !/^(FLEET_|TEMPORAL_|DATABASE_URL|NODE_|npm_|OPENAI_|ANTHROPIC_)/.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), NODE_ENV: 'production' };
}

function cpuMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold spaces: count after it. utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return Number.NaN;
  }
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-3).join(' | ').slice(-600);
}

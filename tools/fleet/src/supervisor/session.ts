import { setTimeout as delay } from 'node:timers/promises';
import { onHangup } from './hangup';
import { endLeftovers, ProcessRecord } from './process-record';
import { takeLock, type Lock } from './lock';
import { killOwnServers } from './own-servers';
import { openStateFolder } from './state-folder';
import { onStopSignals } from './stop-signals';
import { isAlive } from '../services/process-table';
import { reclaim } from '../services/server-process';
import type { Voice } from './voice';

/** What a command that starts processes works with. */
export interface Session {
  readonly stateDir: string;
  readonly lock: Lock;
  readonly record: ProcessRecord;
  readonly voice: Voice;
  /** Aborted when the user wants it to stop. Nothing may be started after that. */
  readonly stopping: AbortSignal;
  /** Registers what stops something; the last registered is stopped first. */
  onStop(stop: () => Promise<void>): void;
  /** Registers what reads its settings again when SIGHUP asks for it. */
  onReload(reload: () => void): void;
}

const FORCED_EXIT_CODE = 130;
/** After it whoever is left is killed by the exit itself. */
const FORCED_LIMIT_MS = 3000;

/**
 * Runs a command that starts processes, from the lock to the last of their ends: it ends on a signal, or when the body
 * fails, and either way stops what was started, in reverse order. A second Ctrl-C kills everything at once.
 *
 * @throws FleetError `already_running`, and whatever the body throws.
 */
export async function runSession(
  stateDir: string,
  voice: Voice,
  body: (session: Session) => Promise<void>,
): Promise<void> {
  openStateFolder(stateDir);
  const lock = takeLock(stateDir);
  const record = new ProcessRecord(stateDir);
  const killNow = (): void => {
    record.killAll();
    killOwnServers(stateDir);
    lock.release();
  };
  // However this process ends, short of a SIGKILL, nobody survives it.
  process.once('exit', killNow);
  const stops: (() => Promise<void>)[] = [];
  const reloads: (() => void)[] = [];
  const controller = new AbortController();
  let forced = false;
  const stopped = new Promise<void>((resolve) => {
    const stop = (signal: string): void => {
      voice.say('info', `${signal}: stopping; press Ctrl-C again to end everything at once`);
      controller.abort();
      resolve();
    };
    onHangup({
      gone: () => stop('the terminal is gone'),
      reload: () => {
        voice.say('info', 'SIGHUP: the settings are read again');
        for (const reload of reloads) reload();
      },
    });
    onStopSignals(stop, () => {
      voice.say('warn', 'ending everything at once');
      forced = true;
      void endAtOnce(stateDir, record).finally(() => process.exit(FORCED_EXIT_CODE));
    });
  });
  const session: Session = {
    stateDir,
    lock,
    record,
    voice,
    stopping: controller.signal,
    onStop: (stop) => void stops.unshift(stop),
    onReload: (reload) => void reloads.push(reload),
  };
  try {
    await Promise.race([begin(session, body), stopped]);
  } finally {
    controller.abort();
    for (const stop of stops) await stop();
    // Killed apps make these stops return too; the end at once has its own exit code, and exits by itself.
    if (forced) await new Promise(() => undefined);
    voice.say('info', 'everything has stopped');
    process.off('exit', killNow);
    record.delete();
    lock.release();
  }
}

async function begin(session: Session, body: (session: Session) => Promise<void>): Promise<void> {
  const { stateDir, voice } = session;
  const say = (line: string): void => voice.progress('clean-up', line);
  await endLeftovers(stateDir, say);
  await reclaim(stateDir, 'temporal', 'SIGTERM', say);
  await reclaim(stateDir, 'postgres', 'SIGINT', say);
  await body(session);
  // The body has started everything; from here on only a signal ends the session.
  await new Promise(() => undefined);
}

/** Waits for the ends: a killed process that nobody has taken note of yet would look alive to the next start. */
async function endAtOnce(stateDir: string, record: ProcessRecord): Promise<void> {
  const pids = [...record.killAll(), ...killOwnServers(stateDir, 'SIGQUIT')];
  const deadline = performance.now() + FORCED_LIMIT_MS;
  while (pids.some(isAlive) && performance.now() < deadline) await delay(20);
}

/** Runs a step of the start and tells how long it took. `result` makes its last word. */
export async function step<T>(
  { voice, stopping }: Pick<Session, 'voice' | 'stopping'>,
  name: string,
  work: (onLine: (line: string) => void) => Promise<T>,
  result: (value: T) => string = () => '',
): Promise<T> {
  stopping.throwIfAborted();
  const started = performance.now();
  const value = await work((line) => voice.progress(name, line));
  stopping.throwIfAborted();
  voice.step(name, performance.now() - started, result(value));
  return value;
}

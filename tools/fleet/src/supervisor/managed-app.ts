import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { clock, duration } from '../output/format';
import { signalGroup } from './process-identity';
import type { ProcessRecord } from './process-record';

/** How an app is started. */
export interface AppSpec {
  /** Its name in the log: `worker-high`, `worker-high-2`. */
  readonly label: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Milliseconds between a crash and the next start. */
export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
  /** An app that was up this long starts again with the first delay. */
  readonly resetMs: number;
}

/** What an app is given by the supervisor. */
export interface AppCare {
  readonly record: ProcessRecord;
  readonly backoff?: Backoff;
  /** Once aborted, nothing is started again. Default: never. */
  readonly stopping?: AbortSignal;
  readonly onLine: (line: string) => void;
  readonly say: (level: 'info' | 'warn', message: string) => void;
}

const BACKOFF: Backoff = { firstMs: 500, mostMs: 30_000, resetMs: 60_000 };
const LAST_WORDS = 5;

/**
 * One app of the fleet: a process in a group of its own, started again with growing delays when it ends without being
 * asked to. Its standard input is a pipe that nothing is ever written to: it ends when the supervisor does, however that
 * comes, which tells the app to drain.
 */
export class ManagedApp {
  readonly label: string;
  readonly #spec: AppSpec;
  readonly #care: AppCare;
  readonly #backoff: Backoff;
  #child: ChildProcess | undefined;
  #gone = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #crashes = 0;
  #stopping = false;
  #supervised = false;
  #lastWords: readonly string[] = [];

  constructor(spec: AppSpec, care: AppCare) {
    this.label = spec.label;
    this.#spec = spec;
    this.#care = care;
    this.#backoff = care.backoff ?? BACKOFF;
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it last wrote on standard error: the reason when it could not start. */
  get lastWords(): string {
    return this.#lastWords.join(' | ');
  }

  /**
   * Starts it. Until `supervise` is called an end is final: an app that cannot start at all would only fail again.
   *
   * @returns resolves when the process has ended, with how.
   */
  start(): Promise<string> {
    const [command, ...args] = this.#spec.command;
    const startedAt = performance.now();
    const child = spawn(command, args, {
      cwd: this.#spec.cwd,
      env: this.#spec.env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#lastWords = [];
    if (child.pid !== undefined) this.#care.record.add(this.label, child.pid);
    this.#listen(child);
    // Whatever it had started itself goes with it, and lets go of its output.
    child.once('exit', () => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL'));
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`cannot be started: ${error.message}`));
      // `close`, not `exit`: only then has everything it wrote been read.
      child.once('close', (code, signal) => resolve(signal ? `ended with ${signal}` : `ended with code ${code}`));
    });
    this.#gone = ended.then((how) => this.#onEnd(child, how, performance.now() - startedAt));
    return ended;
  }

  /** From now on it is started again whenever it ends by itself. */
  supervise(): void {
    this.#supervised = true;
    if (this.#child === undefined && !this.#stopping) void this.start();
  }

  /** Has it read its settings again. One that is not up yet has just read them. */
  reload(): void {
    if (this.#supervised && !this.#stopping) this.#child?.kill('SIGHUP');
  }

  /** Asks it to drain, once; it is not started again. */
  stop(): void {
    this.#retire();
    this.#child?.kill('SIGTERM');
  }

  /** Ends it and everything in its group at once. */
  kill(): void {
    this.#retire();
    if (this.#child?.pid !== undefined) signalGroup(this.#child.pid, 'SIGKILL');
  }

  /** Resolves when its process has ended. */
  async gone(): Promise<void> {
    await this.#gone;
  }

  #retire(): void {
    this.#stopping = true;
    clearTimeout(this.#timer);
  }

  #listen(child: ChildProcess): void {
    child.stdin?.on('error', () => undefined);
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.#care.onLine(line));
    if (!child.stderr) return;
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.#lastWords = [...this.#lastWords, line].slice(-LAST_WORDS);
      this.#care.onLine(line);
    });
  }

  #onEnd(child: ChildProcess, how: string, uptimeMs: number): void {
    this.#child = undefined;
    if (child.pid !== undefined) this.#care.record.remove(child.pid);
    if (this.#stopping || this.#care.stopping?.aborted || !this.#supervised) return;
    if (uptimeMs >= this.#backoff.resetMs) this.#crashes = 0;
    const delayMs = Math.min(this.#backoff.mostMs, this.#backoff.firstMs * 2 ** this.#crashes);
    this.#crashes += 1;
    const when = clock(new Date());
    this.#care.say(
      'warn',
      `${this.label} ${how} at ${when}, after ${duration(uptimeMs)}; starting again in ${duration(delayMs)}`,
    );
    this.#timer = setTimeout(() => void this.start(), delayMs);
  }
}

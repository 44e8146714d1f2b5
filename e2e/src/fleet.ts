import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Root of this checkout. */
export const ROOT = resolve(__dirname, '../..');

/** Each fleet of a test run gets ports of its own, away from the defaults that a person may be using. */
let nextOffset = 9000 + (process.pid % 50) * 50 + (Number(process.env['JEST_WORKER_ID'] ?? 1) - 1) * 3000;

export interface FleetOptions {
  /** The checkout to start from. Default: this one. */
  readonly checkout?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Milliseconds until "ready" must have been printed. Default 120,000. */
  readonly readyWithinMs?: number;
  /** State folder of an earlier fleet, to start again on. Default: a new one. */
  readonly stateDir?: string;
  readonly portOffset?: number;
}

/** A fleet started as a user starts it, with `fleet up`, and spoken to over HTTP. */
export class Fleet {
  private constructor(
    readonly child: ChildProcess,
    readonly stateDir: string,
    readonly portOffset: number,
    private readonly lines: string[],
  ) {}

  static async up(options: FleetOptions = {}): Promise<Fleet> {
    const checkout = options.checkout ?? ROOT;
    const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'fleet-e2e-'));
    const portOffset = options.portOffset ?? (nextOffset += 50);
    const env = {
      ...process.env,
      FLEET_STATE_DIR: stateDir,
      FLEET_PORT_OFFSET: String(portOffset),
      NO_COLOR: '1',
      ...options.env,
    };
    const child = spawn('node', ['tools/fleet/bin/fleet.mjs', 'up', ...(options.args ?? ['--no-demo'])], {
      cwd: checkout,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => lines.push(...text.split('\n').filter(Boolean)));
    }
    const fleet = new Fleet(child, stateDir, portOffset, lines);
    await fleet.until(
      'ready',
      () => lines.some((line) => line.startsWith('ready in ')),
      options.readyWithinMs ?? 120_000,
    );
    // A worker is in the list 2 s after its first poll.
    await fleet.until('listed', async () => (await fleet.runningWorkers()).length >= 4);
    return fleet;
  }

  /** Everything printed so far. */
  get output(): string {
    return this.lines.join('\n');
  }

  get url(): string {
    return `http://127.0.0.1:${8080 + this.portOffset}`;
  }

  get temporalAddress(): string {
    return `127.0.0.1:${7233 + this.portOffset}`;
  }

  /** Ctrl-C, or another signal, and the exit code it ends with. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    const ended = new Promise<number | null>((done) => this.child.once('exit', done));
    this.child.kill(signal);
    return ended;
  }

  /** Stops, and deletes the state. For afterAll. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.stateDir, { recursive: true, force: true });
  }

  async get<T>(path: string): Promise<T> {
    return (await this.request('GET', path)).body as T;
  }

  async post(path: string, body: object = {}): Promise<unknown> {
    const { status, body: answer } = await this.request('POST', path, body);
    if (status >= 400) throw new Error(`POST ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  }

  async request(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; body: unknown }> {
    const response = await fetch(this.url + path, {
      method,
      signal: AbortSignal.timeout(70_000),
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  /** Starts a job. @returns its id. */
  async submit(workflow: string, input: object, options: object = {}): Promise<string> {
    const started = (await this.post('/v1/jobs', { workflow, input, ...options })) as { workflow_id: string };
    return started.workflow_id;
  }

  /** Waits for the end of a job, through restarts of whatever is restarted. */
  async result<T>(id: string, withinMs = 120_000): Promise<{ status: string; result: T; failure?: { code: string } }> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const answer = await this.request('GET', `/v1/jobs/${encodeURIComponent(id)}/result?wait=20s`).catch(
        () => undefined,
      );
      if (answer?.status === 200) return answer.body as { status: string; result: T };
      if (Date.now() > deadline) throw new Error(`job ${id} has not ended: ${JSON.stringify(answer)}\n${this.tail()}`);
      if (answer?.status !== 202) await pause(500);
    }
  }

  /** Process ids of the live workers of a queue. */
  async workerPids(queue: string): Promise<number[]> {
    return (await this.runningWorkers()).filter((worker) => worker.queue === queue).map(({ pid }) => pid);
  }

  /** The workers that have beaten within their time. */
  async runningWorkers(): Promise<{ queue: string; pid: number }[]> {
    const { workers } = await this.get<{ workers: { queue: string; pid: number; status: string }[] }>('/v1/workers');
    return workers.filter(({ status }) => status === 'running');
  }

  /** Waits until `condition` holds, or fails with the last lines printed. */
  async until(what: string, condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!(await condition())) {
      if (this.child.exitCode !== null && what === 'ready') throw new Error(`fleet up ended early:\n${this.tail()}`);
      if (Date.now() > deadline) throw new Error(`not ${what} within ${withinMs} ms:\n${this.tail()}`);
      await pause(100);
    }
  }

  private tail(): string {
    return this.lines.slice(-40).join('\n');
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Runs `task` for each item, at most `limit` at once. */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  limit: number,
  task: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await task(items[index] as Item);
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
  return results;
}

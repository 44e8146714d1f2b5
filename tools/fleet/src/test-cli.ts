import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './environment';

const ENTRY = join(ROOT, 'tools/fleet/bin/fleet.mjs');

/** Variables for a fleet of a test: ports and state of its own, and no variable of the reader's shell. */
export function testEnvironment(own: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const names = Object.entries(process.env).filter(
    ([name]) => !/^(FLEET_|TEMPORAL_|OPENAI_|ANTHROPIC_|DATABASE_URL|NO_COLOR|npm_)/.test(name),
  );
  return { ...Object.fromEntries(names), FLEET_CACHE_DIR: process.env['FLEET_CACHE_DIR'], ...own };
}

/** Runs a command to its end, from another folder, without standard input and terminal. */
export function fleet(args: readonly string[], env: NodeJS.ProcessEnv = testEnvironment()) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ENTRY, ...args], {
    cwd: tmpdir(),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr };
}

/** Runs a command to its end against a gateway that is in this process, which therefore goes on meanwhile. */
export function fleetAt(
  gateway: Server,
  args: readonly string[],
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  const child = spawn(process.execPath, [ENTRY, ...args], { env: testEnvironment({ FLEET_GATEWAY_URL: url }) });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes) => (stdout += String(bytes)));
  child.stderr.on('data', (bytes) => (stderr += String(bytes)));
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr })));
}

/** A command that stays, with what it has written so far. */
export class Staying {
  static readonly #alive = new Set<Staying>();
  output = '';
  errors = '';
  readonly child: ChildProcess;
  readonly #ended: Promise<number | null>;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    this.child = spawn(process.execPath, [ENTRY, ...args], { cwd: tmpdir(), env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    Staying.#alive.add(this);
    this.#ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.once('close', () => void Staying.#alive.delete(this));
  }

  /** Kills what a failed test has left running: jest would wait for it for ever. */
  static async killAll(): Promise<void> {
    await Promise.all([...Staying.#alive].map((each) => each.end('SIGKILL')));
  }

  /** Waits for a text on either stream. */
  async until(text: string | RegExp, withinMs = 180_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!`${this.output}\n${this.errors}`.match(text)) {
      const over = this.child.exitCode !== null || performance.now() > deadline;
      if (over) throw new Error(`${text} was not printed:\n${this.output}\n${this.errors}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Sends a signal and waits for the end. Gives the exit code, null when the signal itself ended it. */
  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.child.kill(signal);
    return this.#ended;
  }
}

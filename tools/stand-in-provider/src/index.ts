import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CallReport } from './calls';
import type { FaultInput } from './faults';

export type { CallReport, RecordedCall } from './calls';
export type { Fault, FaultInput } from './faults';

/** A stand-in provider that runs as a process of its own, for specs, examples and measurements. It is no model. */
export interface StandInProvider {
  /** What FLEET_MODEL_URL or an OpenAI client's base URL is set to: with `/v1`. */
  readonly url: string;
  /** What an Anthropic client's base URL is set to: without it. */
  readonly origin: string;
  readonly pid: number;
  /** What it was asked. @param model Lists only the calls of that model. */
  calls(model?: string): Promise<CallReport>;
  /** Forgets what it was asked. */
  forgetCalls(): Promise<void>;
  /** Makes something happen to the next calls, or to all. @throws Error for a fault that there is not. */
  fail(fault: FaultInput): Promise<void>;
  /** Takes all faults back. */
  heal(): Promise<void>;
  /** Ends the process, whatever it is doing. */
  close(): Promise<void>;
}

/** Milliseconds until it must listen: on a busy machine the sources take their time to load. */
const START_MS = 60_000;

/** Starts one on a free port of the loopback address. @throws Error when it does not start; with what it said. */
export async function startStandInProvider(): Promise<StandInProvider> {
  // Standard input stays open as long as this process lives: when it ends, so does the stand-in.
  const env = { ...process.env, FLEET_STAND_IN_PORT: '0', FLEET_SUPERVISED: '1' };
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'main.ts')], {
    cwd: __dirname,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const url = await addressOf(child);
  const origin = new URL(url).origin;
  return {
    url,
    origin,
    pid: child.pid ?? 0,
    calls: (model) => ask<CallReport>(origin, 'GET', `calls${model ? `?model=${encodeURIComponent(model)}` : ''}`),
    forgetCalls: () => ask(origin, 'DELETE', 'calls'),
    fail: (fault) => ask(origin, 'POST', 'faults', fault),
    heal: () => ask(origin, 'DELETE', 'faults'),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const address = new Promise<string>((resolve) => {
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /http:\S+/.exec(line)?.[0];
      if (found) resolve(found);
    });
  });
  const failed = new Promise<never>((_resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`the stand-in provider ${why}: ${said}`));
    child.once('error', (error) => fail(error.message));
    child.once('close', (code) => fail(`ended with code ${code}`));
    setTimeout(() => fail(`did not start within ${START_MS} ms`), START_MS).unref();
  });
  failed.catch(() => undefined);
  return Promise.race([address, failed]);
}

async function ask<T>(origin: string, method: string, what: string, body?: object): Promise<T> {
  const response = await fetch(`${origin}/stand-in/${what}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${what}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createLocalExecutor } from '@fleet/durable-executor';
import { openPostgresStore } from '@fleet/durable-executor/postgres';
import { startStandInProvider, type StandInProvider } from '@fleet/stand-in-provider';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import { agent } from '@fleet/workflows/portable';
import type { AgentHostOrder } from './test-agent-host';

const STEPS = 8;
/** Steps after which the process is killed. */
const KILLED_AFTER = [2, 4, 6];
const ID = 'crashing';

let database: TestDatabase;
let provider: StandInProvider;
let server: Server;
let address: string;
let host: ChildProcess;
/** Idempotency keys that each step was asked with. */
const asked = new Map<number, string[]>();

beforeAll(async () => {
  [database, provider] = await Promise.all([createTestDatabase(), startStandInProvider()]);
  server = createServer((request, response) => {
    const step = Number(/\d+$/.exec(request.url ?? '')?.[0]);
    asked.set(step, [...(asked.get(step) ?? []), String(request.headers['idempotency-key'])]);
    setTimeout(() => response.writeHead(200, { 'content-type': 'text/plain' }).end(`step ${step}`), 250);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  host.kill('SIGKILL');
  server.closeAllConnections();
  server.close();
  await provider.close();
  await database.drop();
});

async function startHost(more: Partial<AgentHostOrder> = {}): Promise<void> {
  const env = { FLEET_MODEL_URL: provider.url, FLEET_AGENT_ALLOW: address };
  const order: AgentHostOrder = { url: database.url, env, ...more };
  const file = join(__dirname, 'test-agent-host.ts');
  host = spawn(process.execPath, ['--import', 'tsx', file, JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await Promise.race([once(host.stdout as NodeJS.ReadableStream, 'data'), once(host, 'exit')]);
  expect(host.exitCode).toBeNull();
}

async function killHost(): Promise<void> {
  const ended = once(host, 'exit');
  host.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
}

/** How often each step was asked for so far. */
const timesAsked = (): readonly number[] =>
  Array.from({ length: STEPS }, (_, index) => asked.get(index + 1)?.length ?? 0);

test('an agent of 8 tool calls whose process is killed three times makes no completed call again', async () => {
  const lines = Array.from(
    { length: STEPS },
    (_, index) => `use httpGet {"url":"http://${address}/step/${index + 1}"}`,
  );
  await startHost({ start: { id: ID, prompt: lines.join('\n') } });
  const counts: { readonly step: number; readonly completed: readonly number[] }[] = [];
  for (const step of KILLED_AFTER) {
    // The model is told what the call said only once that is in the journal: it was completed, whatever comes now.
    while (!(await provider.calls()).calls.some(({ messages }) => messages === 2 + 2 * step)) await pause(10);
    const completed = timesAsked().slice(0, step);
    // Within the next call, between two, and while the model is asked.
    await pause(60 * step);
    await killHost();
    await startHost();
    counts.push({ step, completed });
  }
  // Runs nothing itself: it has no workflows.
  const store = openPostgresStore({ url: database.url });
  const watcher = createLocalExecutor({ store, workflows: [] });
  const outcome = await (await watcher.getHandle(agent, ID)).outcome();
  expect(outcome).toMatchObject({ status: 'completed', result: { stopped: 'answered', turns: STEPS + 1 } });
  for (const { step, completed } of counts) expect(timesAsked().slice(0, step)).toEqual(completed);
  // A call that was under way when the process died is made again, as the same call.
  expect([...asked.values()].map((keys) => new Set(keys).size)).toEqual(Array.from({ length: STEPS }, () => 1));
  expect(asked.size).toBe(STEPS);
  await watcher.close();
  await store.close();
});

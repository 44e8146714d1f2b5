import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildApps } from '@fleet/fleet-cli/build';
import { startStandInProvider, type StandInProvider } from '@fleet/stand-in-provider';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import { openFleetClient, type FleetClient } from '@fleet/temporal-client';
import { createTestNamespace } from '@fleet/temporal-client/test-namespace';
import { pause, ROOT } from './fleet';

const STEPS = 8;
/** Steps after which the worker is killed. */
const KILLED_AFTER = [2, 4, 6];
const HEALTH = 26_004 + (process.pid % 400) * 10;

let database: TestDatabase;
let provider: StandInProvider;
let client: FleetClient;
let server: Server;
let env: Record<string, string>;
let worker: ChildProcess;
/** Idempotency keys that each step was asked with. */
const asked = new Map<number, string[]>();

beforeAll(async () => {
  await buildApps();
  const namespace = await createTestNamespace();
  [database, provider] = await Promise.all([createTestDatabase(), startStandInProvider()]);
  client = openFleetClient({ env: namespace.env });
  server = createServer((request, response) => {
    const step = Number(/\d+$/.exec(request.url ?? '')?.[0]);
    asked.set(step, [...(asked.get(step) ?? []), String(request.headers['idempotency-key'])]);
    setTimeout(() => response.writeHead(200, { 'content-type': 'text/plain' }).end(`step ${step}`), 250);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  env = {
    ...namespace.env,
    DATABASE_URL: database.url,
    FLEET_MODEL_URL: provider.url,
    FLEET_AGENT_ALLOW: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    FLEET_STANDARD_HEALTH_PORT: String(HEALTH),
  };
  startWorker();
}, 180_000);

afterAll(async () => {
  worker.kill('SIGKILL');
  server.closeAllConnections();
  server.close();
  await Promise.all([client.close(), provider.close()]);
  await database.drop();
}, 60_000);

function startWorker(): void {
  const variables = { ...process.env, ...env };
  worker = spawn('node', ['apps/worker-standard/dist/main.js'], { cwd: ROOT, env: variables, stdio: 'ignore' });
}

async function killWorker(): Promise<void> {
  const ended = once(worker, 'exit');
  worker.kill('SIGKILL');
  await ended;
}

/** How often each step was asked for so far. */
const timesAsked = (): readonly number[] =>
  Array.from({ length: STEPS }, (_, index) => asked.get(index + 1)?.length ?? 0);

it('an agent of 8 tool calls whose worker is killed three times makes no completed call again', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/step`;
  const prompt = Array.from({ length: STEPS }, (_, index) => `use httpGet {"url":"${url}/${index + 1}"}`).join('\n');
  const { id } = await client.start('agent', { kind: 'agent', prompt });
  const counts: { readonly step: number; readonly completed: readonly number[] }[] = [];
  for (const step of KILLED_AFTER) {
    // The model is told what the call said only once that is in the history: it was completed, whatever comes now.
    while (!(await provider.calls()).calls.some(({ messages }) => messages === 2 + 2 * step)) await pause(10);
    const completed = timesAsked().slice(0, step);
    await pause(100 * step);
    await killWorker();
    startWorker();
    counts.push({ step, completed });
  }
  const outcome = await client.result<'agent'>(id, { waitMs: 120_000 });
  expect(outcome).toMatchObject({ status: 'completed', result: { stopped: 'answered', turns: STEPS + 1 } });
  for (const { step, completed } of counts) expect(timesAsked().slice(0, step)).toEqual(completed);
  // A call that was under way when the worker died is made again, as the same call.
  expect([...asked.values()].map((keys) => new Set(keys).size)).toEqual(Array.from({ length: STEPS }, () => 1));
}, 240_000);

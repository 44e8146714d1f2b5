import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTemporal } from '@fleet/fleet-cli/services/temporal';
import { eachOf, Fleet, pause } from './fleet';
import { startPollProxy, type PollProxy } from './poll-proxy';
import { recordsOf } from './records';

type Temporal = Awaited<ReturnType<typeof startTemporal>>;

const PORT = 31_000 + (process.pid % 500);
const HEALTH_PORTS = [9101, 9102, 9103, 9104];

let stateDir: string;
let temporal: Temporal;
let proxy: PollProxy;
let fleet: Fleet;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const startServer = (): Promise<Temporal> =>
  startTemporal({ stateDir, port: PORT, uiPort: PORT + 1000, namespace: 'default', onLine: () => undefined });

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'fleet-e2e-temporal-'));
  temporal = await startServer();
  proxy = await startPollProxy(temporal.address);
  fleet = await Fleet.up({ env: { TEMPORAL_ADDRESS: proxy.address } });
}, 300_000);

afterAll(async () => {
  await fleet.remove();
  await proxy.close();
  await temporal.stop();
  rmSync(stateDir, { recursive: true, force: true });
}, 120_000);

async function allPids(): Promise<number[]> {
  return (await fleet.runningWorkers()).map(({ pid }) => pid).toSorted((a, b) => a - b);
}

/** Answers of /readyz of every worker and the gateway, as one status each. */
async function readiness(): Promise<number[]> {
  const urls = [
    ...HEALTH_PORTS.map((port) => `http://127.0.0.1:${port + fleet.portOffset}/readyz`),
    `${fleet.url}/readyz`,
  ];
  return Promise.all(
    urls.map((url) =>
      fetch(url, { signal: AbortSignal.timeout(3000) }).then(
        ({ status }) => status,
        () => 0,
      ),
    ),
  );
}

/** Samples /readyz each second until every answer is `status`. @returns the seconds it took. */
async function secondsUntil(status: number, mostSeconds: number): Promise<number> {
  const startedAt = Date.now();
  let answers: number[] = [];
  while (Date.now() - startedAt < mostSeconds * 1000) {
    answers = await readiness();
    if (answers.every((answer) => answer === status)) return (Date.now() - startedAt) / 1000;
    await pause(1000);
  }
  throw new Error(`/readyz of workers and gateway is ${answers.join(', ')}, not ${status}, after ${mostSeconds} s`);
}

it('Temporal stopped for 60 s under load: all jobs finish, no worker restarts, readyz says so in time', async () => {
  const before = await allPids();
  expect(before).toHaveLength(4);
  const jobs = await eachOf(numbers(100), 20, () => fleet.submit('probe', { durationMs: 1500 }, { queue: 'high' }));
  const workflows = await eachOf(numbers(40), 20, () => fleet.submit('probeSteps', { durationMs: 400, steps: 4 }));
  await temporal.stop();
  const stoppedAt = Date.now();
  expect(await secondsUntil(503, 12)).toBeLessThanOrEqual(10);
  const refused = Date.now();
  expect((await fleet.request('POST', '/v1/jobs', { workflow: 'probe' })).status).toBe(503);
  expect(Date.now() - refused).toBeLessThan(5500);
  await pause(Math.max(0, 60_000 - (Date.now() - stoppedAt)));
  temporal = await startServer();
  expect(await secondsUntil(200, 17)).toBeLessThanOrEqual(15);
  const results = await eachOf([...jobs, ...workflows], 40, (id) => fleet.result(id));
  expect(results.filter(({ status }) => status !== 'completed')).toEqual([]);
  expect(await allPids()).toEqual(before);
}, 300_000);

it('Temporal stopped for 15 s while activities of 8 s finish: every workflow ends within 30 s of its return, each effect once', async () => {
  const slow = await eachOf(numbers(20), 20, () =>
    fleet.submit('probeSteps', { durationMs: 8000, steps: 1 }, { queue: 'high' }),
  );
  const images = await eachOf(numbers(15), 15, (index) =>
    fleet.submit('generateImage', { prompt: `a bridge ${index}`, width: 1024, height: 1024 }),
  );
  await pause(700);
  await temporal.stop();
  await pause(15_000);
  temporal = await startServer();
  const returnedAt = Date.now();
  const results = await eachOf([...slow, ...images], 35, (id) => fleet.result(id, 60_000));
  expect(Date.now() - returnedAt).toBeLessThan(30_000);
  expect(results.filter(({ status }) => status !== 'completed')).toEqual([]);
  const records = await recordsOf(fleet, images);
  expect([records.images.length, records.artifacts.length]).toEqual([images.length, images.length]);
}, 240_000);

it('polls answered UNAUTHENTICATED: the worker ends non-zero within 75 s, and the fleet restarts it', async () => {
  const before = await fleet.workerPids('high');
  proxy.refusePolls();
  const refusedAt = Date.now();
  await fleet.until('ended', () => /worker-high ended with code 1 /.test(fleet.output), 75_000);
  expect(Date.now() - refusedAt).toBeLessThanOrEqual(75_000);
  proxy.allowPolls();
  await fleet.until('ready again', async () => (await readiness()).every((status) => status === 200), 120_000);
  // The list keeps the one that ended until its heartbeat is 6 s old, and has the new one 2 s after its first poll.
  await fleet.until('replaced', async () => {
    const pids = await fleet.workerPids('high');
    return pids.length === 1 && pids[0] !== before[0];
  });
  expect((await fleet.result(await fleet.submit('probe', {}, { queue: 'high' }))).status).toBe('completed');
}, 300_000);

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createActivities } from '@fleet/activities';
import { openStore, type NoticeRow, type Store } from '@fleet/store';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import { openFleetClient, type FleetClient } from '@fleet/temporal-client';
import { createTestNamespace, type TestNamespace } from '@fleet/temporal-client/test-namespace';
import { cachedBundle } from './bundle';
import type { NoticeHostOrder } from './test-notice-host';
import { startNoticeWorld, type NoticeWorld } from './test-notice-world';

const RUNS = 100;
/** Of them, how many are under way when the worker is killed. */
const UNDER_WAY = 25;

let folder: string;
let world: NoticeWorld;
let database: TestDatabase;
let namespace: TestNamespace;
let store: Store;
let client: FleetClient;
let codePath: string;
/** Activities that wait to be killed, over all processes. */
let held: number;
let host: ChildProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleet-bundle-'));
  codePath = await cachedBundle(require.resolve('@fleet/workflows'), folder);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  [world, database, namespace] = await Promise.all([startNoticeWorld(), createTestDatabase(), createTestNamespace()]);
  store = openStore({ url: database.url });
  client = openFleetClient({ env: namespace.env, deadlineMs: 20_000 });
  held = 0;
}, 60_000);
afterEach(async () => {
  host.kill('SIGKILL');
  await Promise.all([client.close(), store.close(), world.close()]);
  await database.drop();
}, 60_000);

function startHost(hold?: NoticeHostOrder['hold']): void {
  const { address, namespace: name } = namespace;
  const order: NoticeHostOrder = {
    databaseUrl: database.url,
    address,
    namespace: name,
    codePath,
    env: world.env,
    ...(hold && { hold }),
  };
  host = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'test-notice-host.ts'), JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  host.stdout?.on('data', (text: Buffer) => (held += text.toString().split('held').length - 1));
}

async function killHost(): Promise<void> {
  const ended = once(host, 'exit');
  host.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
}

/** Opens the notices of runs, and starts the delivery of each, as their monitors do. */
async function notify(executionIds: readonly string[]): Promise<void> {
  const { notifyMonitor } = createActivities({ store, env: world.env });
  const scope = { signal: new AbortController().signal, attempt: 1, idempotencyKey: 'k', jobId: 'j', owner: 'local' };
  for (const executionId of executionIds) {
    const opened = await notifyMonitor({ executionId }, { ...scope, heartbeat: () => {}, lastHeartbeat: undefined });
    for (const { noticeId, channel } of opened.notices)
      await client.start('deliverNotice', { noticeId }, { id: `notice/${executionId}/${channel}` });
  }
}

const rows = (): Promise<readonly NoticeRow[]> => store.notices.list({}, 201);

/** What came in at the receiver of webhooks, by the id of the notice. */
function callsById(): ReadonlyMap<string, readonly string[]> {
  const calls = new Map<string, string[]>();
  for (const { headers, body } of world.hooks) {
    const id = String(headers['webhook-id']);
    calls.set(id, [...(calls.get(id) ?? []), body]);
  }
  return calls;
}

/** Makes monitors whose condition is met, and runs each once. */
async function startMonitors(name: string, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const monitorId = await world.addMonitor(store, `${name}-${number}`);
    await client.start('monitor', { monitorId }, { id: `monitor/${monitorId}/1` });
  }
}

/** Waits until so many runs wait to be killed, over all processes. */
async function untilHeld(count: number): Promise<void> {
  for (;;) {
    if (held >= count) return;
    await pause(20);
  }
}

/** Waits until so many runs have told whom they are to tell. */
async function untilDelivered(runs: number): Promise<void> {
  for (;;) {
    const all = await rows();
    if (all.length === 2 * runs && all.every(({ status }) => status !== 'pending')) return;
    await pause(100);
  }
}

const idsOf = (all: readonly NoticeRow[], channel: string): readonly string[] =>
  all
    .filter((row) => row.channel === channel && row.status === 'delivered')
    .map(({ id }) => id)
    .toSorted();

test('a worker killed between send and record: each email is there once, each webhook came once more, with the same id', async () => {
  world.withhold();
  startHost();
  for (let count = UNDER_WAY; count <= RUNS; count += UNDER_WAY) {
    const names = Array.from({ length: UNDER_WAY }, (_, index) => `run-${count - index}`);
    await world.addRuns(database.url, names);
    await notify(names);
    // Every receiver has its notice, and the worker waits for a word that never comes.
    while (world.withheld.size < 2 * count) await pause(20);
    await killHost();
    startHost();
    // A kill hits each notice once: what is sent again is also recorded before the next.
    await untilDelivered(count);
  }
  const all = await rows();
  expect([idsOf(all, 'email').length, idsOf(all, 'webhook').length]).toEqual([RUNS, RUNS]);
  expect(world.mailbox().toSorted()).toEqual(idsOf(all, 'email').map((id) => `${id}@fleet`));
  // Nobody knew that it had been sent: each was sent twice, and the mail server kept one.
  expect(world.handed).toHaveLength(2 * RUNS);
  const calls = callsById();
  expect([...calls.keys()].toSorted()).toEqual(idsOf(all, 'webhook'));
  expect([...calls.values()].filter((bodies) => bodies.length !== 2 || new Set(bodies).size > 1)).toEqual([]);
}, 240_000);

test('a worker killed between persist and notify: each run tells each channel once', async () => {
  const half = RUNS / 2;
  startHost('before');
  await startMonitors('before', half);
  await untilHeld(half);
  expect(await rows()).toEqual([]);
  await killHost();
  startHost('after');
  await untilDelivered(half);
  await startMonitors('after', half);
  await untilHeld(RUNS);
  expect((await rows()).filter(({ status }) => status === 'pending')).toHaveLength(2 * half);
  await killHost();
  startHost();
  await untilDelivered(RUNS);
  const all = await rows();
  expect(new Set(all.map(({ executionId, channel }) => `${executionId} ${channel}`)).size).toBe(2 * RUNS);
  expect(world.mailbox().toSorted()).toEqual(idsOf(all, 'email').map((id) => `${id}@fleet`));
  expect(world.handed).toHaveLength(RUNS);
  expect(world.hooks.map(({ headers }) => String(headers['webhook-id'])).toSorted()).toEqual(idsOf(all, 'webhook'));
}, 240_000);

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

/** Times that the worker is killed, and runs that are under way each time. */
const KILLS = 4;
const RUNS = 25;

let folder: string;
let world: NoticeWorld;
let database: TestDatabase;
let namespace: TestNamespace;
let store: Store;
let client: FleetClient;
let order: NoticeHostOrder;
let host: ChildProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleet-bundle-'));
  [world, database, namespace] = await Promise.all([startNoticeWorld(), createTestDatabase(), createTestNamespace()]);
  store = openStore({ url: database.url });
  client = openFleetClient({ env: namespace.env, deadlineMs: 20_000 });
  order = {
    databaseUrl: database.url,
    address: namespace.address,
    namespace: namespace.namespace,
    codePath: await cachedBundle(require.resolve('@fleet/workflows'), folder),
    env: world.env,
  };
}, 120_000);

afterAll(async () => {
  host.kill('SIGKILL');
  await Promise.all([client.close(), store.close(), world.close()]);
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

function startHost(): void {
  host = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'test-notice-host.ts'), JSON.stringify(order)], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
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

test('a worker killed between send and record: each email is there once, each webhook came once more, with the same id', async () => {
  world.withhold();
  startHost();
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const names = Array.from({ length: RUNS }, (_, index) => `run-${kill}-${index}`);
    await world.addRuns(database.url, names);
    await notify(names);
    // Every receiver has its notice, and the worker waits for a word that never comes.
    while (world.withheld.size < 2 * RUNS * kill) await pause(20);
    await killHost();
    startHost();
    // A kill hits each notice once: what is sent again is also recorded before the next.
    while ((await rows()).some(({ status }) => status === 'pending')) await pause(100);
  }
  const all = await rows();
  expect(all).toHaveLength(2 * RUNS * KILLS);
  expect(all.filter(({ status }) => status !== 'delivered')).toEqual([]);
  const idsOf = (channel: string) =>
    all
      .filter((row) => row.channel === channel)
      .map(({ id }) => id)
      .toSorted();
  expect(world.mailbox().toSorted()).toEqual(idsOf('email').map((id) => `${id}@fleet`));
  // Nobody knew that it had been sent: each was sent twice, and the mail server kept one.
  expect(world.handed).toHaveLength(2 * RUNS * KILLS);
  const calls = callsById();
  expect([...calls.keys()].toSorted()).toEqual(idsOf('webhook'));
  expect([...calls.values()].filter((bodies) => bodies.length !== 2 || new Set(bodies).size > 1)).toEqual([]);
}, 240_000);

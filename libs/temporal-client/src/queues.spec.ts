import { spawn, type ChildProcess } from 'node:child_process';
import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { FleetClient } from './fleet-client';
import { openFleetClient } from './open';
import { reconcileRate } from './rate';
import { createTestNamespace, type TestNamespace } from './test-namespace';

let place: TestNamespace;
let client: FleetClient;
let connection: Connection;

beforeAll(async () => {
  place = await createTestNamespace();
  client = openFleetClient({ env: place.env, identity: 'tester', deadlineMs: 20_000 });
  connection = Connection.lazy({ address: place.address });
});

afterAll(async () => {
  await client.close();
  await connection.close();
});

const reconcile = (perSecond: number | null) => reconcileRate(connection, place.namespace, 'standard', perSecond);
const rate = async () => (await client.queue('standard')).rate;

/** What an operator does with Temporal's own CLI. */
function byHand(perSecond: number | undefined, reason = ''): Promise<unknown> {
  const rateLimit = perSecond === undefined ? undefined : { requestsPerSecond: perSecond };
  return connection.workflowService.updateTaskQueueConfig({
    namespace: place.namespace,
    taskQueue: 'standard',
    taskQueueType: 2,
    updateQueueRateLimit: { reason, rateLimit },
  });
}

describe('the rate of a queue', () => {
  it('is nobody’s at first, then the table’s', async () => {
    expect(await rate()).toEqual({ perSecond: null, setBy: 'nobody' });
    expect(await reconcile(null)).toBe('unchanged');
    expect(await reconcile(50)).toBe('set');
    expect(await reconcile(50)).toBe('unchanged');
    expect(await rate()).toMatchObject({ perSecond: 50, setBy: 'table', reason: 'table: 50 per second' });
    expect(await reconcile(60)).toBe('set');
    expect(await rate()).toMatchObject({ perSecond: 60, setBy: 'table' });
    expect(await reconcile(null)).toBe('set');
    expect(await reconcile(null)).toBe('unchanged');
    expect(await rate()).toMatchObject({ perSecond: null, setBy: 'table' });
  });

  it('stays the operator’s until they give it back, also when it is 0 or unset', async () => {
    const paused = await client.setRate('standard', 0, 'disk is full');
    expect(paused.rate).toMatchObject({ perSecond: 0, setBy: 'operator', reason: 'disk is full' });
    expect(paused.rate.updatedAt).toBeInstanceOf(Date);
    expect(await reconcile(50)).toBe('operator');
    expect(await rate()).toMatchObject({ perSecond: 0, setBy: 'operator' });
    expect((await client.setRate('standard', null)).rate).toMatchObject({ perSecond: 50, setBy: 'table' });
    await byHand(undefined, 'no limit today');
    expect(await reconcile(50)).toBe('operator');
    expect(await rate()).toMatchObject({ perSecond: null, setBy: 'operator' });
    await client.setRate('standard', null);
    await byHand(7);
    expect(await reconcile(50)).toBe('operator');
    expect(await rate()).toMatchObject({ perSecond: 7, setBy: 'operator' });
    await client.setRate('standard', null);
    expect(await reconcile(50)).toBe('unchanged');
  });

  it('can be read and written over a native connection', async () => {
    const native = await NativeConnection.connect({ address: place.address });
    expect(await reconcileRate(native, place.namespace, 'background', 10)).toBe('set');
    expect(await reconcileRate(native, place.namespace, 'background', 10)).toBe('unchanged');
    await native.close();
  });

  it('has a range, and only a queue has one', async () => {
    await expect(client.setRate('standard', -1)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(client.setRate('standard', 1001)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(client.setRate('fast' as 'high', 1)).rejects.toMatchObject({ code: 'unknown_queue' });
  });

  it('is left to the worker on a server without the call', async () => {
    const { describeTaskQueue } = Object.assign(Object.create(null) as object, connection.workflowService);
    const old = { workflowService: { describeTaskQueue, updateTaskQueueConfig: unimplemented as never } };
    expect(await reconcileRate(old, place.namespace, 'high', 5)).toBe('unsupported');
  });
});

describe('a queue', () => {
  it('shows its backlog, its settings and its workers; a killed worker is dead within 10 s', async () => {
    await client.start('probe', {}, { queue: 'high' });
    expect(await client.hasPollers('high')).toBe(false);
    const worker = spawnWorker('high');
    try {
      await within(20_000, () => client.hasPollers('high'));
      await within(10_000, async () => (await client.queue('high')).workers === 1);
      const high = await client.queue('high');
      expect(high).toMatchObject({ name: 'high', workers: 1, settings: { activitySlots: 50 } });
      expect(high.activities.pollers).toBeGreaterThan(0);
      expect(high.activities.slotsTotal).toBeGreaterThan(0);
      expect(await client.workers()).toMatchObject([{ queue: 'high', status: 'running', pid: expect.any(Number) }]);
    } finally {
      process.kill(-(worker.pid ?? 0), 'SIGKILL');
    }
    const killedAt = Date.now();
    await within(10_000, async () => !(await client.hasPollers('high')));
    expect(Date.now() - killedAt).toBeGreaterThan(1000);
    expect((await client.workers())[0]).toMatchObject({ queue: 'high', status: 'dead' });
    expect(await client.queue('high')).toMatchObject({ workers: 0, activities: { pollers: 0, slotsTotal: 0 } });
    await client.start('probe', {}, { queue: 'high' });
    await within(15_000, async () => (await client.queue('high')).activities.backlog >= 1);
    expect((await client.queues()).map(({ name }) => name)).toEqual(['high', 'standard', 'background', 'scheduled']);
  }, 90_000);
});

function unimplemented(): Promise<never> {
  return Promise.reject(Object.assign(new Error('unknown method'), { code: 12 }));
}

async function within(ms: number, condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A process of its own, in a group of its own: only then SIGKILL is what it is in production. */
function spawnWorker(queue: string): ChildProcess {
  const code = `require(${JSON.stringify(require.resolve('./test-support/worker'))}).startWorker(${JSON.stringify(place)}, '${queue}')`;
  return spawn(process.execPath, ['--import', 'tsx', '--eval', code], { stdio: 'ignore', detached: true });
}

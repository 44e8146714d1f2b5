// The servers that the executors stand on, stopped and started again under running workflows.
import { setTimeout as pause } from 'node:timers/promises';
import { createLocalExecutor, createTemporalExecutor } from '@fleet/durable-executor';
import { sleeping, steps } from '@fleet/durable-executor/conformance';
import { openPostgresStore } from '@fleet/durable-executor/postgres';
import { startPostgres } from '@fleet/fleet-cli/services/postgres';
import { startTemporal } from '@fleet/fleet-cli/services/temporal';
import { freePort, temporaryState } from '@fleet/fleet-cli/services/testing';
import { migrate } from '@fleet/store';
import { openServer } from '@fleet/temporal-client/server';
import { passTime } from '@fleet/temporal-client/test-time';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

const { stateDir, remove } = temporaryState();
const ends: (() => Promise<unknown>)[] = [];
const onLine = (): void => undefined;
/** For the hours that nobody waits for. */
const extraSettings = { 'frontend.WorkflowTimeSkippingEnabled': true };

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
  remove();
});

it('local: Postgres stopped twice under 30 workflows: steps wait, nothing is half-written, every effect is there once', async () => {
  const port = await freePort();
  let postgres = await startPostgres({ stateDir, port, onLine });
  ends.push(() => postgres.stop());
  await migrate(postgres.url);
  const store = openPostgresStore({ url: postgres.url });
  const effects = new Map<string, number>();
  const errors: unknown[] = [];
  const executor = createLocalExecutor({
    store,
    workflows: [steps],
    activities: {
      async echo(value: unknown, { idempotencyKey }) {
        effects.set(idempotencyKey, (effects.get(idempotencyKey) ?? 0) + 1);
        await pause(300);
        return value;
      },
    },
    hooks: [{ onError: (error) => void errors.push(error) }],
  });
  ends.push(
    () => store.close(),
    () => executor.close(),
  );
  const handles = await Promise.all(Array.from({ length: 30 }, (_, from) => executor.execute(steps, { from })));
  const results = Promise.all(handles.map((handle) => handle.result()));
  for (let outage = 0; outage < 2; outage += 1) {
    await pause(150);
    await postgres.stop();
    const begun = effects.size;
    // In the middle of it: of 90 effects some are there, and some are not.
    expect(begun > 0 && begun < 90).toBe(true);
    // Longer than the lease: nobody else could have taken the runs over, so they are still its own.
    await pause(outage === 0 ? 6_000 : 1_000);
    expect(effects.size).toBe(begun);
    await expect(executor.execute(steps, { from: 1 }, { id: `late-${outage}` })).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    postgres = await startPostgres({ stateDir, port, onLine });
  }
  expect(await results).toEqual(handles.map((_, from) => ({ sum: 3 * from + 3, half: (3 * from + 3) / 2 })));
  expect([...effects.values()].filter((times) => times > 1)).toEqual([]);
  for (const { id, runId } of handles) {
    const numbers = (await store.entries(runId)).map((entry) => entry.number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect((await executor.history(id)).filter(({ type }) => type === 'activity_completed')).toHaveLength(3);
  }
  expect(errors.length).toBeGreaterThan(0);
}, 120_000);

it('temporal: sleeps of 5 s and of 24 h go on through a restart of server and worker on the same file', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const workflowsPath = require.resolve('@fleet/durable-executor/conformance/temporal-workflows');
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const options = { stateDir, port: await freePort(), uiPort: undefined, namespace: 'default', onLine, extraSettings };
  let temporal = await startTemporal(options);
  ends.push(() => temporal.stop());
  const client = openServer({ env: { TEMPORAL_ADDRESS: temporal.address } });
  ends.push(() => client.connection.close());
  const executor = createTemporalExecutor({ client, workflows: [sleeping] });
  const withWorker = async (work: () => Promise<unknown>): Promise<void> => {
    const connection = await NativeConnection.connect({ address: temporal.address });
    const worker = await Worker.create({ connection, taskQueue: 'standard', workflowBundle });
    await worker.runUntil(work());
    await connection.close();
  };
  const startedAt = Date.now();
  const handle = await executor.execute(sleeping, { ms: 5_000 });
  const long = await executor.execute(sleeping, { ms: '24 h' }, { timeout: '2 days' });
  await withWorker(() => pause(1_000));
  await temporal.stop();
  temporal = await startTemporal(options);
  expect(await handle.status()).toBe('running');
  await withWorker(async () => expect(await handle.result()).toBe('awake'));
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(5_000);
  await passTime(client, long.id, 24 * 3_600_000 - 60_000);
  expect(await long.status()).toBe('running');
  await withWorker(async () => {
    await passTime(client, long.id, 61_000);
    expect(await long.result()).toBe('awake');
  });
  expect((await executor.history(handle.id)).filter(({ type }) => type === 'timer_fired')).toHaveLength(1);
}, 120_000);

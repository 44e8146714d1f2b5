import { FleetError } from '@fleet/errors';
import { ManualClock } from '../clock';
import { ActivityLog, conformanceActivities } from '../conformance/activities';
import { eventually } from '../conformance/harness';
import * as w from '../conformance/workflows';
import { defineWorkflow, type AnyWorkflow, type WorkflowDefinition } from '../context';
import type { JournalStore } from '../journal-store';
import { createMemoryStore } from '../stores/memory';
import { createLocalExecutor, type LocalExecutorOptions } from './local';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const executor of open.splice(0)) await executor.close();
});

function executorOn(store: JournalStore, options: Partial<LocalExecutorOptions> = {}) {
  const executor = createLocalExecutor({
    store,
    workflows: w.CONFORMANCE_WORKFLOWS,
    activities: conformanceActivities(new ActivityLog()),
    ...options,
  });
  open.push(executor);
  return executor;
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 30));

test('a sleep of 24 h is over when the clock says so, also for the process that comes after', async () => {
  const store = createMemoryStore();
  const clock = new ManualClock();
  const first = executorOn(store, { clock });
  const { id } = await first.execute(w.sleeping, { ms: '24 h' }, { timeout: '2 days' });
  await turns();
  clock.advance(12 * 3_600_000);
  await first.close();
  const second = executorOn(store, { clock });
  await second.resume();
  await turns();
  const handle = await second.getHandle(w.sleeping, id);
  clock.advance(12 * 3_600_000 - 1);
  await turns();
  expect(await handle.status()).toBe('running');
  clock.advance(1);
  expect(await handle.result()).toBe('awake');
});

test.each([
  ['without a time-out', w.collecting, { count: 2, pauseMs: 0 }, w.item, [{ n: 1 }, { n: 2 }], [1, 2]],
  ['with a time-out of 2 h', w.pausing, null, w.go, [1, 2], '1 2'],
] as const)(
  'an hour of waiting %s adds nothing to the journal between two signals',
  async (_what, workflow, input, signal, [one, two], result) => {
    const store = createMemoryStore();
    const clock = new ManualClock();
    const executor = executorOn(store, { clock });
    const handle = await executor.execute(workflow as WorkflowDefinition<unknown, unknown>, input, { timeout: '3 h' });
    await executor.signal<unknown>(handle.id, { name: signal.name }, one);
    const signals = async () => (await store.entries(handle.runId)).filter(({ type }) => type === 'signal');
    await eventually(async () => (await signals()).length, 1);
    clock.advance(1);
    await turns();
    const before = await store.entries(handle.runId);
    clock.advance(3_600_000);
    await turns();
    expect(await store.entries(handle.runId)).toEqual(before);
    await executor.signal<unknown>(handle.id, { name: signal.name }, two);
    expect(await handle.result()).toEqual(result);
    const [first, second] = (await signals()).map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBe(3_600_001);
  },
);

test('code that no longer matches its journal fails, and says at which entry', async () => {
  const versions: Record<string, AnyWorkflow> = {
    same: defineWorkflow<null, null>('versioned', async (ctx) => {
      await ctx.executeActivity(w.echo, 1);
      ctx.uuid();
      await ctx.sleep('1 h');
      return null;
    }),
    other: defineWorkflow<null, null>('versioned', async (ctx) => {
      await ctx.executeActivity(w.note, 'another');
      return null;
    }),
    shorter: defineWorkflow<null, null>('versioned', async (ctx) => {
      await ctx.executeActivity(w.echo, 1);
      return null;
    }),
    longer: defineWorkflow<null, null>('versioned', async (ctx) => {
      await ctx.executeActivity(w.echo, 1);
      ctx.random();
      return null;
    }),
  };
  const outcomes: unknown[] = [];
  for (const name of ['other', 'shorter', 'longer']) {
    const store = createMemoryStore();
    const before = executorOn(store, { workflows: [versions['same'] as AnyWorkflow] });
    const { id } = await before.execute(versions['same'] as AnyWorkflow, null);
    await turns();
    await before.close();
    const after = executorOn(store, { workflows: [versions[name] as AnyWorkflow] });
    await after.resume();
    const outcome = await (await after.getHandle(versions[name] as AnyWorkflow, id)).outcome();
    outcomes.push(outcome.status === 'failed' && [outcome.failure.type, outcome.failure.message]);
  }
  expect(outcomes).toEqual([
    [
      'determinism_violation',
      expect.stringMatching(/^Entry 1 .* is activity "echo", but the code asks for activity "note"/),
    ],
    ['determinism_violation', expect.stringMatching(/^Entry 3 .* is uuid, but the code asks for to end/)],
    ['determinism_violation', expect.stringMatching(/^Entry 3 .* is uuid, but the code asks for random/)],
  ]);
});

test('while the store is down a step waits, and goes on without having been repeated', async () => {
  const store = createMemoryStore();
  let down = false;
  const flaky = new Proxy(store, {
    get(target, key) {
      const value = Reflect.get(target, key) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (down) throw new FleetError('store_unavailable');
        return value.apply(target, args) as unknown;
      };
    },
  });
  const errors: unknown[] = [];
  const log = new ActivityLog();
  const executor = executorOn(flaky, {
    activities: {
      ...conformanceActivities(log),
      echo: async (value: unknown) => ((down = true), log.notes.push('echo'), value),
    },
    hooks: [{ onError: (error) => void errors.push(error) }],
  });
  const handle = await executor.execute(w.steps, { from: 1 });
  for (let n = 1; n <= 3; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(log.notes).toHaveLength(n);
    down = false;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  down = false;
  expect(await handle.result()).toEqual({ sum: 6, half: 3 });
  expect(log.notes).toHaveLength(3);
  expect(errors.length).toBeGreaterThan(0);
});

test('a host whose claim was taken over writes nothing any more', async () => {
  const store = createMemoryStore();
  const frozen = executorOn(store, { lease: 200 });
  const { id, runId } = await frozen.execute(w.waiting, {});
  await turns();
  // What a process that was stopped for longer than its lease looks like to the others.
  const host = [...(await store.claim('thief', ['waiting'], 1))];
  expect(host).toEqual([]);
  await store.release((frozen as unknown as { host: { id: string } }).host.id);
  const thief = executorOn(store);
  await thief.resume();
  await thief.signal(id, w.go, 1);
  expect(await (await thief.getHandle(w.waiting, { id, runId })).result()).toBe('1 of  number');
  expect((await store.entries(runId)).filter(({ type }) => type === 'signal')).toHaveLength(1);
});

test('states are saved on the newest version only, and what is given out is a copy', async () => {
  const store = createMemoryStore();
  const state = {
    id: 'a',
    runId: 'a-1',
    workflow: 'x',
    status: 'completed',
    owner: 'local',
    input: { list: [1] },
    createdAt: new Date(),
    version: 0,
  } as const;
  const saved = await store.save(state);
  expect(saved.version).toBe(1);
  (saved.input as { list: number[] }).list.push(2);
  expect((await store.load('a')).input).toEqual({ list: [1] });
  await expect(store.save(state)).rejects.toMatchObject({ code: 'state_conflict' });
  expect((await store.save({ ...state, version: 1 })).version).toBe(2);
});

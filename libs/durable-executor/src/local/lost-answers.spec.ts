import { FleetError } from '@fleet/errors';
import { defineActivity, defineWorkflow } from '../context';
import { createLocalExecutor, type LocalExecutor } from '../executors/local';
import type { JournalStore } from '../journal-store';
import { createMemoryStore } from '../stores/memory';

// A store that did what it was asked, and whose answer was lost on the way: nothing may be forgotten for it.

const note = defineActivity<null, null>('note');
const quick = defineWorkflow<null, string>('quick', async (ctx) => {
  await ctx.executeActivity(note, null);
  await ctx.sleep(1);
  return 'done';
});

let notes = 0;
const activities = {
  note: async () => {
    notes += 1;
    return null;
  },
};
beforeEach(() => void (notes = 0));

const open: LocalExecutor[] = [];
afterEach(async () => {
  for (const executor of open.splice(0)) await executor.close();
});

function executorOn(store: JournalStore): LocalExecutor {
  const executor = createLocalExecutor({
    store,
    workflows: [quick],
    activities,
    lease: 400,
    hooks: [{ onError: () => {} }],
  });
  open.push(executor);
  return executor;
}

/** The store, doing something of its own after each call of that method. */
function after(
  store: JournalStore,
  method: 'claim' | 'create' | 'fences',
  act: (result: unknown) => unknown,
): JournalStore {
  return new Proxy(store, {
    get(target, key) {
      const value = Reflect.get(target, key) as (...args: unknown[]) => Promise<unknown>;
      if (key !== method) return typeof value === 'function' ? value.bind(target) : value;
      return async (...args: unknown[]) => act(await value.apply(target, args));
    },
  });
}

const loseOnce = (isWorthIt: (result: unknown) => boolean) => {
  let lost = false;
  return (result: unknown) => {
    if (lost || !isWorthIt(result)) return result;
    lost = true;
    throw new FleetError('store_unavailable');
  };
};

test('runs that were taken over without an answer are begun', async () => {
  const store = createMemoryStore();
  const first = executorOn(store);
  await first.resume();
  const { id } = await first.execute(quick, null);
  await first.close();
  const second = executorOn(
    after(
      store,
      'claim',
      loseOnce((claimed) => (claimed as unknown[]).length > 0),
    ),
  );
  await expect(second.resume()).rejects.toMatchObject({ code: 'store_unavailable' });
  await second.resume();
  expect(await (await second.getHandle(quick, id)).result()).toBe('done');
});

test('a run that was recorded without an answer is begun', async () => {
  const executor = executorOn(
    after(
      createMemoryStore(),
      'create',
      loseOnce(() => true),
    ),
  );
  await expect(executor.execute(quick, null, { id: 'a' })).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(await (await executor.getHandle(quick, 'a')).result()).toBe('done');
});

test('a run that was recorded without an answer, and that another host has taken over, is left to that', async () => {
  const memory = createMemoryStore();
  let thief: string | undefined;
  const executor = executorOn(
    after(memory, 'create', (result) => {
      // For as long as the answer was on its way, this host gave no sign of life.
      void memory.release((executor as unknown as { host: { id: string } }).host.id);
      void memory.claim((thief = 'thief'), ['quick'], 1);
      void memory.beat({ host: 'thief', leaseMs: 60_000 });
      if (result) throw new FleetError('store_unavailable');
      return result;
    }),
  );
  await expect(executor.execute(quick, null, { id: 'a' })).rejects.toMatchObject({ code: 'store_unavailable' });
  await new Promise((resolve) => setTimeout(resolve, 600));
  const { runId } = await memory.load('a');
  expect(thief && (await memory.fences(thief)).get(runId)).toBe(2);
  expect(await memory.entries(runId)).toEqual([]);
  expect(notes).toBe(0);
});

test('a run that begins while the host asks what it has is kept', async () => {
  const slow = defineWorkflow<null, string>('quick', async (ctx) => {
    await ctx.sleep(700);
    return 'done';
  });
  const memory = createMemoryStore();
  let started: Promise<unknown> | undefined;
  const asking = after(memory, 'fences', async (fences) => {
    started ??= executor.execute(slow, null, { id: 'b' });
    await started;
    return fences;
  });
  const failing = after(
    asking,
    'create',
    loseOnce(() => true),
  );
  const options = { store: failing, workflows: [slow], lease: 400, hooks: [{ onError: () => {} }] };
  const executor = createLocalExecutor(options);
  open.push(executor);
  await expect(executor.execute(slow, null, { id: 'a' })).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(await (await executor.getHandle(slow, 'a')).result()).toBe('done');
  await started;
  const { run } = await memory.find('b');
  expect(await (await executor.getHandle(slow, 'b')).result()).toBe('done');
  expect((await memory.entries(run.runId)).map(({ type }) => type)).toEqual(['timer', 'timer_fired', 'closed']);
});

import type { ActivityScope } from '@fleet/activities';
import { defineActivity, defineQuery, defineUpdate, defineWorkflow, type WorkflowContext } from '../context';
import { createMemoryStore } from '../stores/memory';
import { createLocalExecutor, type LocalExecutor, type LocalExecutorOptions } from './local';

// What users write by mistake fails their call or their run; it ends no process and leaves nothing hanging.

let executor: LocalExecutor;
afterEach(() => executor.close());

const step = defineActivity<null, null>('step', { retry: { maximumAttempts: 2, initialInterval: 1 } });
const oneStep = defineWorkflow<null, string>('oneStep', async (ctx) => {
  await ctx.executeActivity(step, null);
  return 'done';
});
const sleeping = defineWorkflow<null, null>('sleeping', async (ctx) => {
  await ctx.sleep('1 h');
  return null;
});
const parent = defineWorkflow<null, null>('parent', async (ctx) => ctx.executeChild(sleeping, null));

function start(setUp: (ctx: WorkflowContext) => void, options: Partial<LocalExecutorOptions> = {}) {
  const asked = defineWorkflow<null, null>('asked', async (ctx) => {
    setUp(ctx);
    await ctx.sleep('1 h');
    return null;
  });
  const workflows = [oneStep, sleeping, parent, asked];
  executor = createLocalExecutor({ store: createMemoryStore(), workflows, ...options });
  return executor.execute(asked, null, { id: 'asked' });
}

const nested = (levels: number): unknown => {
  let value: unknown = null;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
};

test('a heartbeat that cannot be stored fails the activity that sent it', async () => {
  const activities = {
    step: async (_: null, scope: ActivityScope) => {
      scope.heartbeat({ count: 1n });
      return null;
    },
  };
  await start(() => {}, { activities });
  const outcome = await (await executor.execute(oneStep, null)).outcome();
  expect(outcome).toMatchObject({ status: 'failed', failure: { type: 'not_serializable' } });
});

test('what an asynchronous hook rejects with is reported, and changes nothing else', async () => {
  const reported: unknown[] = [];
  const hooks = [
    {
      onActivityComplete: async () => {
        throw new Error('the metrics server is down');
      },
      onError: async (error: unknown) => {
        reported.push((error as Error).message);
        throw new Error('and so is the log');
      },
    },
  ];
  await start(() => {}, { hooks, activities: { step: async () => null } });
  expect(await (await executor.execute(oneStep, null)).result()).toBe('done');
  expect(reported).toEqual(['the metrics server is down']);
});

test('an asynchronous query handler, and progress that is no JSON, answer with an error of the table', async () => {
  const slow = defineQuery<null, unknown>('slow');
  await start((ctx) => {
    ctx.progress({ count: 1n });
    ctx.onQuery(slow, async () => {
      throw new Error('no');
    });
  });
  await expect(executor.query('asked', slow, null)).rejects.toMatchObject({ code: 'query_failed' });
  const progress = defineQuery<null, unknown>('progress');
  await expect(executor.query('asked', progress, null)).rejects.toMatchObject({ code: 'not_serializable' });
});

test('an asynchronous validator refuses the update', async () => {
  const change = defineUpdate<number, number>('change');
  await start((ctx) =>
    ctx.onUpdate(change, {
      // eslint-disable-next-line typescript/no-misused-promises -- What a user may write is what is tried.
      validate: async () => {
        throw new Error('never');
      },
      handle: (value) => value + 1,
    }),
  );
  const update = executor.update('asked', change, 1);
  await expect(update).rejects.toMatchObject({ code: 'update_rejected' });
});

test.each([[{ lease: 0 }], [{ defaultTimeout: 0 }]])('%j is refused', (options) => {
  executor ??= createLocalExecutor({ store: createMemoryStore(), workflows: [] });
  const make = () => createLocalExecutor({ store: createMemoryStore(), workflows: [], ...options });
  expect(make).toThrow(expect.objectContaining({ code: 'invalid_input' }));
});

test('a target that is none is refused with the field', async () => {
  await start(() => {});
  const targets = [undefined, null, 5, {}, { id: '' }, { id: 'asked', runId: '' }, 'half of one: \ud83d'];
  for (const target of targets) {
    const asked = executor.signal(target as never, { name: 'go' }, 1);
    await expect(asked).rejects.toMatchObject({ code: 'invalid_input' });
  }
});

test('the child of a workflow with the longest id is reached by its cancellation', async () => {
  await start(() => {});
  const handle = await executor.execute(parent, null, { id: 'p'.repeat(200) });
  await new Promise((resolve) => setTimeout(resolve, 30));
  await executor.cancel(handle.id);
  expect((await handle.outcome()).status).toBe('canceled');
});

test('a closed executor says so to whoever still waits, and starts nothing', async () => {
  const handle = await start(() => {});
  const waiting = handle.result();
  await executor.execute(parent, null);
  await executor.close();
  await expect(waiting).rejects.toMatchObject({ code: 'executor_closed' });
  await expect(executor.execute(sleeping, null)).rejects.toMatchObject({ code: 'executor_closed' });
});

test('input that is nested too deep is refused, not overflowed by', async () => {
  await start(() => {});
  await executor.signal('asked', { name: 'go' }, nested(500));
  for (const levels of [501, 200_000])
    await expect(executor.signal('asked', { name: 'go' }, nested(levels))).rejects.toMatchObject({
      code: 'not_serializable',
    });
});

// Portable workflows for the conformance suite: the same code runs on every executor.
import {
  defineActivity,
  defineQuery,
  defineSignal,
  defineUpdate,
  defineWorkflow,
  isActivityError,
  isCanceledError,
  type ActivityOptions,
  type WorkflowDefinition,
} from '../context';

export const echo = defineActivity<unknown, unknown>('echo');
export const flaky = defineActivity<
  { key: string; failures: number; type?: string },
  { attempt: number; keys: readonly string[] }
>('flaky');
export const note = defineActivity<string, null>('note');
export const slow = defineActivity<{ ms: number; key: string }, { attempt: number }>('slow');
const missing = defineActivity<null, null>('missing');

export const go = defineSignal<number>('go');
export const item = defineSignal<{ n: number }>('item');
export const add = defineUpdate<number, number>('add');
/** Its validator is asynchronous, which the types allow. */
export const hasty = defineUpdate<number, number>('hasty');
export const total = defineQuery<{ plus: number }, number>('total');
export const nosuchQuery = defineQuery<null, null>('nosuch');
export const nosuchUpdate = defineUpdate<null, null>('nosuch');

export const steps = defineWorkflow<{ from: number }, { sum: number; half: number }>('steps', async (ctx, { from }) => {
  const a = (await ctx.executeActivity(echo, { n: from })) as { n: number };
  const b = (await ctx.executeActivity(echo, { n: a.n + 1 })) as { n: number };
  const c = (await ctx.executeActivity(echo, { n: b.n + 1 })) as { n: number };
  return { sum: a.n + b.n + c.n, half: (a.n + b.n + c.n) / 2 };
});

export const retries = defineWorkflow<
  { key: string; failures: number; type?: string; options: ActivityOptions },
  string
>('retries', async (ctx, { options, ...input }) => {
  try {
    const { attempt, keys } = await ctx.executeActivity(flaky, input, options);
    return `ok ${attempt} ${new Set(keys).size}`;
  } catch (error) {
    if (!isActivityError(error)) throw error;
    return `${error.activity} ${error.failure.type} ${error.failure.message}`;
  }
});

export const failing = defineWorkflow<{ how: 'throw' | 'activity' | 'text' }, null>('failing', async (ctx, { how }) => {
  if (how === 'activity')
    await ctx.executeActivity(
      flaky,
      { key: 'for ever', failures: 99, type: 'RangeError' },
      { retry: { maximumAttempts: 1 } },
    );
  if (how === 'throw') throw new RangeError('out of range');
  // eslint-disable-next-line typescript/only-throw-error, no-throw-literal -- Code of others may.
  throw 'just a text';
});

export const waiting = defineWorkflow<{ timeoutMs?: number }, string>('waiting', async (ctx, { timeoutMs }) => {
  ctx.progress({ step: 'waiting' });
  const receiver = ctx.receiveSignal(go);
  const signal = await (timeoutMs === undefined ? receiver.receive() : receiver.receive({ timeout: timeoutMs }));
  ctx.progress({ step: 'done' });
  return signal === undefined ? 'nothing came' : `${signal.payload} of ${signal.senderId} ${typeof signal.sentAt}`;
});

export const collecting = defineWorkflow<{ count: number; pauseMs: number }, readonly number[]>(
  'collecting',
  async (ctx, { count, pauseMs }) => {
    await ctx.sleep(pauseMs);
    const numbers: number[] = [];
    for await (const { payload } of ctx.receiveSignal(item)) {
      numbers.push(payload.n);
      if (numbers.length === count) break;
    }
    return numbers;
  },
);

export const twoReceivers = defineWorkflow<null, { first: readonly number[]; second: readonly number[] }>(
  'twoReceivers',
  async (ctx) => {
    const take = async (count: number): Promise<number[]> => {
      const taken: number[] = [];
      while (taken.length < count) taken.push((await ctx.receiveSignal(item).receive()).payload.n);
      return taken;
    };
    const [first, second] = await Promise.all([take(2), take(2)]);
    return { first, second };
  },
);

export const counter = defineWorkflow<{ until: number; failAt?: number }, number>(
  'counter',
  async (ctx, { until, failAt }) => {
    let sum = 0;
    ctx.onQuery(total, ({ plus }) => {
      if (plus < 0) throw new RangeError('plus is negative');
      return sum + plus;
    });
    ctx.onUpdate(add, {
      validate: (n) => {
        if (n <= 0) throw new RangeError('must be positive');
      },
      handle: async (n) => {
        if (n === failAt) throw new TypeError('not this one');
        if (n > 10) await ctx.executeActivity(echo, n);
        sum += n;
        return sum;
      },
    });
    await ctx.waitUntil(() => sum >= until);
    return sum;
  },
);

export const inTime = defineWorkflow<{ timeoutMs: number }, boolean>('inTime', async (ctx, { timeoutMs }) => {
  let open = false;
  ctx.onUpdate(add, { handle: (n) => ((open = true), n) });
  return ctx.waitUntil(() => open, { timeout: timeoutMs });
});

export const cleaning = defineWorkflow<
  { key: string; how: 'sleep' | 'activity' | 'signal' | 'wait' | 'catch' },
  string
>('cleaning', async (ctx, { key, how }) => {
  try {
    if (how === 'sleep' || how === 'catch') await ctx.sleep('1 h');
    if (how === 'activity') await ctx.executeActivity(slow, { ms: 600_000, key }, { heartbeat: '2 s' });
    if (how === 'signal') for await (const _ of ctx.receiveSignal(go)) await ctx.sleep(1);
    if (how === 'wait') await ctx.waitUntil(() => false);
  } catch (error) {
    await ctx.nonCancellable(() =>
      ctx.executeActivity(note, `${key} cleaned ${isCanceledError(error)} ${ctx.cancellation.requested}`),
    );
    if (how === 'catch') return 'went on';
    throw error;
  }
  return 'never';
});

/** Starts another workflow and ends before it. Twice: the second finds the id taken. */
export const detaching = defineWorkflow<{ id: string }, string>('detaching', async (ctx, { id }) => {
  await ctx.startDetached(waiting, {}, { id, timeout: '1 min' });
  await ctx.startDetached(waiting, {}, { id, timeout: '1 min' });
  return 'left it';
});

export const parent = defineWorkflow<{ fail: boolean }, string>('parent', async (ctx, { fail }) => {
  try {
    if (fail) await ctx.executeChild(failing, { how: 'throw' });
    const { sum } = await ctx.executeChild(steps, { from: 1 }, { id: `${ctx.info.workflowId}-child` });
    return `child gave ${sum}`;
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
});

export const chain: WorkflowDefinition<{ left: number; seen: readonly number[] }, readonly number[]> = defineWorkflow(
  'chain',
  async (ctx, { left, seen }) => {
    await ctx.executeActivity(note, `chain ${left}`);
    if (left > 0) return ctx.continueAsNew(chain, { left: left - 1, seen: [...seen, left] });
    const { payload } = await ctx.receiveSignal(go).receive();
    return [...seen, payload];
  },
);

export const values = defineWorkflow<null, { now: number; later: number; uuids: readonly string[]; random: number }>(
  'values',
  async (ctx) => {
    const now = ctx.now();
    const uuids = [ctx.uuid(), ctx.uuid()];
    const random = ctx.random();
    await ctx.sleep(20);
    return { now, later: ctx.now(), uuids, random };
  },
);

export const sleeping = defineWorkflow<{ ms: number | string }, string>('sleeping', async (ctx, { ms }) => {
  await ctx.sleep(ms);
  return 'awake';
});

export const parallel = defineWorkflow<{ count: number }, readonly unknown[]>('parallel', async (ctx, { count }) =>
  Promise.all(Array.from({ length: count }, (_, n) => ctx.executeActivity(echo, n))),
);

/** An activity that says once that it is alive, and then works for longer than its heartbeat time-out. */
export const quietWork = defineWorkflow<{ key: string }, number>('quietWork', async (ctx, { key }) => {
  const { attempt } = await ctx.executeActivity(slow, { ms: 1_600, key }, { heartbeat: '1 s' });
  return attempt;
});

/** Bad calls, each of which must throw before anything starts. */
export const refusals = defineWorkflow<null, readonly string[]>('refusals', async (ctx) => {
  const calls: (() => Promise<unknown>)[] = [
    () => ctx.executeActivity(missing, null),
    () => ctx.executeActivity(echo, 1, { retry: { maximumAttempts: 0 } }),
    () => ctx.executeActivity(echo, 1, { startToClose: -1 }),
    () => ctx.executeActivity(echo, 1, { retry: { backoffCoefficient: 0.5 } }),
    () => ctx.executeActivity(echo, () => 1),
    () => ctx.executeActivity(echo, new Map()),
    () => ctx.executeActivity(echo, 'x'.repeat(2_000_000)),
    () => ctx.sleep(-5),
    () => ctx.sleep('soon'),
    () => ctx.receiveSignal(go).receive({ timeout: -1 }),
  ];
  const codes: string[] = [];
  for (const call of calls) {
    codes.push(
      await call().then(
        () => 'no error',
        (error: unknown) => (error as { code?: string }).code ?? String(error),
      ),
    );
  }
  return codes;
});

/** Waits for ever and listens to nothing. */
export const idle = defineWorkflow<null, null>('idle', async (ctx) => {
  await ctx.waitUntil(() => false);
  return null;
});

/** Two signals with a pause between them. */
export const pausing = defineWorkflow<null, string>('pausing', async (ctx) => {
  const first = await ctx.receiveSignal(go).receive();
  const second = await ctx.receiveSignal(go).receive({ timeout: '2 h' });
  return `${first.payload} ${second?.payload}`;
});

/** Leaves when it is told to, whatever it was asked meanwhile. */
export const leaving = defineWorkflow<null, string>('leaving', async (ctx) => {
  let asked = 0;
  ctx.onQuery(total, () => asked);
  // eslint-disable-next-line typescript/no-misused-promises -- What a user may write is what is tried.
  ctx.onUpdate(hasty, { validate: async () => Promise.reject(new Error('too late')), handle: (n) => n });
  ctx.onUpdate(add, {
    handle: async (n) => {
      asked += 1;
      await ctx.waitUntil(() => false);
      return n;
    },
  });
  await ctx.receiveSignal(go).receive();
  return 'left';
});

export const CONFORMANCE_WORKFLOWS = [
  steps,
  retries,
  failing,
  waiting,
  collecting,
  twoReceivers,
  counter,
  inTime,
  cleaning,
  detaching,
  parent,
  chain,
  values,
  sleeping,
  parallel,
  refusals,
  idle,
  pausing,
  quietWork,
  leaving,
] as const;

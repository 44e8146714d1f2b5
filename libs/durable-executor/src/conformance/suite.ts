import { randomUUID } from 'node:crypto';
import type { WorkflowDefinition } from '../context';
import type { DurableExecutor, HistoryEvent } from '../executor';
import type { Hooks } from '../hooks';
import type { ActivityLog } from './activities';
import * as w from './workflows';

/** What a spec hands to the suite. */
export interface Subject {
  readonly executor: DurableExecutor;
  readonly log: ActivityLog;
  stop(): Promise<void>;
}

/** One executor under test. */
export interface SubjectOptions {
  readonly name: string;
  readonly start: (hooks: readonly Hooks[]) => Promise<Subject>;
}

const code = (expected: string) => expect.objectContaining({ code: expected });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves once `read` gives what the matcher wants; fails with the last difference after 5 s. */
async function eventually<T>(read: () => T | Promise<T>, expected: unknown): Promise<void> {
  const end = Date.now() + 5_000;
  for (;;) {
    const value = await read();
    try {
      return expect(value).toEqual(expected);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await pause(20);
  }
}

/** The suite that every executor passes as it is. */
export function describeExecutor({ name, start }: SubjectOptions): void {
  describe(`${name}: a durable executor`, () => {
    const told: string[] = [];
    const recorder = (who: string): Hooks => ({
      onWorkflowStart: ({ workflow }) => void told.push(`${who} start ${workflow}`),
      onWorkflowComplete: ({ workflow }) => void told.push(`${who} complete ${workflow}`),
      onWorkflowFail: ({ workflow, status }) => void told.push(`${who} fail ${workflow} ${status}`),
      onActivityStart: ({ activity, attempt }) => void told.push(`${who} activity start ${activity} ${attempt}`),
      onActivityComplete: ({ activity }) => void told.push(`${who} activity complete ${activity}`),
      onActivityFail: ({ activity, failure }) => void told.push(`${who} activity fail ${activity} ${failure.type}`),
      onSignal: ({ signal }) => void told.push(`${who} signal ${signal}`),
      onRetry: ({ activity, attempt }) => void told.push(`${who} retry ${activity} ${attempt}`),
    });
    let subject: Subject;
    let executor: DurableExecutor;
    const id = () => `c-${randomUUID()}`;
    const run = async <I, O>(workflow: WorkflowDefinition<I, O>, input: I): Promise<O> =>
      (await executor.execute(workflow, input)).result();
    const types = (events: readonly HistoryEvent[]) =>
      events.map(({ type, name: of }) => (of === undefined ? type : `${type} ${of}`));

    beforeAll(async () => {
      subject = await start([recorder('outer'), recorder('inner')]);
      ({ executor } = subject);
    }, 120_000);
    afterAll(() => subject.stop(), 60_000);
    beforeEach(() => void told.splice(0));

    describe('running', () => {
      it('gives the typed result, whole numbers and fractions as they are, also long after the end (faults 1, 2, 6)', async () => {
        const handle = await executor.execute(w.steps, { from: 1 }, { id: id() });
        expect(await handle.result()).toEqual({ sum: 6, half: 3 });
        expect(await handle.status()).toBe('completed');
        const again = await executor.getHandle(w.steps, handle.id);
        expect([again.id, again.runId, await again.status()]).toEqual([handle.id, handle.runId, 'completed']);
        expect(await again.outcome()).toEqual({ status: 'completed', result: { sum: 6, half: 3 } });
      });

      it('takes an id once, running or ended (fault 10), and makes one that is unique', async () => {
        const first = await executor.execute(w.steps, { from: 1 }, { id: id() });
        await expect(executor.execute(w.steps, { from: 1 }, { id: first.id })).rejects.toEqual(code('job_exists'));
        await first.result();
        await expect(executor.execute(w.steps, { from: 1 }, { id: first.id })).rejects.toEqual(code('job_exists'));
        const handles = await Promise.all([executor.execute(w.idle, null), executor.execute(w.idle, null)]);
        expect(handles[0].id).not.toBe(handles[1].id);
        await Promise.all(handles.map((handle) => executor.terminate(handle.id)));
      });

      it('runs activities side by side', async () => {
        expect(await run(w.parallel, { count: 8 })).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      });

      it('fails when the code throws, with the type and message of what it threw (fault 13)', async () => {
        const cases = [
          ['throw', 'RangeError', 'out of range'],
          ['activity', 'RangeError', 'failure 1'],
          ['text', 'Error', 'just a text'],
        ] as const;
        for (const [how, type, message] of cases) {
          const handle = await executor.execute(w.failing, { how });
          expect(await handle.outcome()).toMatchObject({ status: 'failed', failure: { type, message } });
          await expect(handle.result()).rejects.toMatchObject({
            code: 'workflow_failed',
            ended: 'failed',
            failure: { type },
          });
          expect(await handle.status()).toBe('failed');
        }
      });

      it('gives now, uuid and random', async () => {
        const { now, later, uuids, random } = await run(w.values, null);
        expect(later).toBeGreaterThanOrEqual(now + 20);
        expect(new Set(uuids).size).toBe(2);
        for (const uuid of uuids)
          expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(random >= 0 && random < 1).toBe(true);
      });

      it('runs children and is told how they failed', async () => {
        expect(await run(w.parent, { fail: false })).toBe('child gave 6');
        expect(await run(w.parent, { fail: true })).toMatch(/ended as failed with RangeError: out of range/);
      });
    });

    describe('statuses', () => {
      it('are real: running, timed_out, terminated, canceled', async () => {
        const idle = () => executor.execute(w.idle, null, { timeout: '1 minute' });
        const [canceled, terminated] = [await idle(), await idle()];
        const late = await executor.execute(w.idle, null, { timeout: '1 s' });
        expect(await canceled.status()).toBe('running');
        await executor.cancel(canceled.id, 'enough');
        await executor.terminate(terminated.id, 'stop it');
        expect(await canceled.outcome()).toMatchObject({ status: 'canceled', failure: { type: 'workflow_canceled' } });
        expect(await terminated.outcome()).toMatchObject({
          status: 'terminated',
          failure: { type: 'workflow_terminated', message: 'stop it' },
        });
        expect(await late.outcome()).toMatchObject({ status: 'timed_out', failure: { type: 'workflow_timed_out' } });
        for (const handle of [canceled, terminated, late]) await expect(handle.result()).rejects.toThrow();
        expect([await canceled.status(), await terminated.status(), await late.status()]).toEqual([
          'canceled',
          'terminated',
          'timed_out',
        ]);
      });

      it('continued_as_new: the first run says so, the result is the last one, buffered signals go along', async () => {
        const handle = await executor.execute(w.chain, { left: 2, seen: [] }, { id: id() });
        await executor.signal(handle.id, w.go, 7);
        expect(await handle.result()).toEqual([2, 1, 7]);
        expect(await handle.status()).toBe('continued_as_new');
        const latest = await executor.getHandle(w.chain, handle.id);
        expect(latest.runId).not.toBe(handle.runId);
        expect(await latest.status()).toBe('completed');
        // Every call can name its run (fault 16).
        const first = await executor.history({ id: handle.id, runId: handle.runId });
        expect(first.at(-1)?.continuedAs).toEqual(expect.any(String));
        await expect(executor.signal({ id: handle.id, runId: handle.runId }, w.go, 1)).rejects.toEqual(
          code('job_closed'),
        );
      });

      it('of an unknown id is an error, for every call', async () => {
        const unknown = id();
        const calls = [
          () => executor.getHandle(w.steps, unknown),
          () => executor.signal(unknown, w.go, 1),
          () => executor.query(unknown, w.total, { plus: 0 }),
          () => executor.update(unknown, w.add, 1),
          () => executor.cancel(unknown),
          () => executor.terminate(unknown),
          () => executor.history(unknown),
          () => executor.store.load(unknown),
          () => executor.store.delete(unknown),
        ];
        for (const call of calls) await expect(call()).rejects.toEqual(code('job_not_found'));
      });

      it('of a closed workflow refuse signals, updates, cancel and terminate', async () => {
        const handle = await executor.execute(w.steps, { from: 1 });
        await handle.result();
        await expect(executor.signal(handle.id, w.go, 1)).rejects.toEqual(code('job_closed'));
        await expect(executor.update(handle.id, w.add, 1)).rejects.toEqual(code('job_closed'));
        await expect(executor.cancel(handle.id)).rejects.toEqual(code('job_closed'));
        await expect(executor.terminate(handle.id)).rejects.toEqual(code('job_closed'));
      });
    });

    describe('activities', () => {
      it('are tried 3 times by default, after 100 and 200 ms at least and 250 ms more at most, under one idempotency key', async () => {
        const key = id();
        expect(await run(w.retries, { key, failures: 2, options: {} })).toBe('ok 3 1');
        const attempts = subject.log.of(key);
        expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
        const waits = attempts.slice(1).map(({ at }, index) => at - (attempts[index]?.at ?? 0));
        for (const [index, expected] of [100, 200].entries()) {
          expect(waits[index]).toBeGreaterThanOrEqual(expected);
          expect(waits[index]).toBeLessThanOrEqual(expected + 250);
        }
      });

      it('fail for good after the last attempt, or at once for a non-retryable type (fault 13)', async () => {
        const [a, b, c] = [id(), id(), id()];
        expect(await run(w.retries, { key: a, failures: 9, options: {} })).toBe('flaky Error failure 3');
        expect(subject.log.of(a)).toHaveLength(3);
        const nonRetryable = { retry: { nonRetryable: ['TypeError'] } };
        expect(await run(w.retries, { key: b, failures: 9, type: 'TypeError', options: nonRetryable })).toBe(
          'flaky TypeError failure 1',
        );
        expect(subject.log.of(b)).toHaveLength(1);
        expect(await run(w.retries, { key: c, failures: 9, options: { retry: { maximumAttempts: 1 } } })).toBe(
          'flaky Error failure 1',
        );
        expect(subject.log.of(c)).toHaveLength(1);
      });

      it('wait as their policy says, no longer than its maximum', async () => {
        const key = id();
        const retry = { maximumAttempts: 5, initialInterval: 60, backoffCoefficient: 3, maximumInterval: 200 };
        expect(await run(w.retries, { key, failures: 4, options: { retry } })).toBe('ok 5 1');
        const attempts = subject.log.of(key);
        for (const [index, expected] of [60, 180, 200, 200].entries()) {
          const waited = (attempts[index + 1]?.at ?? 0) - (attempts[index]?.at ?? 0);
          expect([expected, waited >= expected, waited <= expected + 250]).toEqual([expected, true, true]);
        }
      });

      it('have their start-to-close time for each attempt, not for all together (faults 3, 13)', async () => {
        const key = id();
        const handle = await executor.execute(w.retries, {
          key,
          failures: 2,
          options: { startToClose: '1 s', retry: { initialInterval: 600 } },
        });
        expect(await handle.result()).toBe('ok 3 1');
      });
    });

    describe('signals', () => {
      it('carry payload, time and sender (fault 5)', async () => {
        const handle = await executor.execute(w.waiting, {});
        await executor.signal(handle.id, w.go, 5, { senderId: 'ann' });
        expect(await handle.result()).toBe('5 of ann number');
      });

      it('are waited for with a time-out', async () => {
        expect(await run(w.waiting, { timeoutMs: 30 })).toBe('nothing came');
        const handle = await executor.execute(w.waiting, { timeoutMs: 30_000 });
        await executor.signal(handle.id, w.go, 6);
        expect(await handle.result()).toBe('6 of  number');
      });

      it('are kept in order before anyone listens, 1,000 of them, and no sender waits (faults 4, 11)', async () => {
        const handle = await executor.execute(w.collecting, { count: 1000, pauseMs: 400 });
        for (let n = 0; n < 1000; n += 50) {
          // In order within each sender: the next fifty only when these are recorded.
          for (let batch = n; batch < n + 50; batch += 10)
            await Promise.all(
              Array.from({ length: 10 }, (_, k) => executor.signal(handle.id, w.item, { n: batch + k })),
            );
        }
        const numbers = await handle.result();
        expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
        expect(numbers.map((n) => Math.floor(n / 10))).toEqual(
          numbers.map((n) => Math.floor(n / 10)).toSorted((a, b) => a - b),
        );
      }, 60_000);

      it('go to one of two receivers each, whoever waited first (fault 11)', async () => {
        const handle = await executor.execute(w.twoReceivers, null);
        for (let n = 1; n <= 4; n += 1) await executor.signal(handle.id, w.item, { n });
        const { first, second } = await handle.result();
        expect([...first, ...second].toSorted()).toEqual([1, 2, 3, 4]);
      });
    });

    describe('queries and updates', () => {
      it('are answered by handlers, and status, progress and result by every workflow (fault 5)', async () => {
        const handle = await executor.execute(w.counter, { until: 100 });
        expect(await executor.update(handle.id, w.add, 4)).toBe(4);
        expect(await executor.query(handle.id, w.total, { plus: 3 })).toBe(7);
        const ask = (query: string) => executor.query(handle.id, { name: query }, null);
        expect([await ask('status'), await ask('result')]).toEqual(['running', null]);
        await expect(executor.query(handle.id, w.nosuchQuery, null)).rejects.toEqual(code('unknown_query'));
        await expect(executor.query(handle.id, w.total, { plus: -1 })).rejects.toEqual(code('query_failed'));
        expect(await executor.update(handle.id, w.add, 96)).toBe(100);
        expect(await handle.result()).toBe(100);
        expect([await ask('status'), await ask('result')]).toEqual(['completed', 100]);
        expect(await executor.query(handle.id, w.total, { plus: 1 })).toBe(101);
        const waiting = await executor.execute(w.waiting, {});
        await eventually(() => executor.query(waiting.id, { name: 'progress' }, null), { step: 'waiting' });
        await executor.signal(waiting.id, w.go, 1);
        await waiting.result();
        expect(await executor.query(waiting.id, { name: 'progress' }, null)).toEqual({ step: 'done' });
      });

      it('an update is refused by its validator without an effect, and the same updateId has one effect', async () => {
        const handle = await executor.execute(w.counter, { until: 100, failAt: 13 });
        await expect(executor.update(handle.id, w.add, -1)).rejects.toMatchObject({
          code: 'update_rejected',
          failure: { type: 'RangeError', message: 'must be positive' },
        });
        const updateId = id();
        expect(await Promise.all([1, 2, 3].map(() => executor.update(handle.id, w.add, 20, { updateId })))).toEqual([
          20, 20, 20,
        ]);
        expect(await executor.update(handle.id, w.add, 20, { updateId })).toBe(20);
        await expect(executor.update(handle.id, w.add, 13)).rejects.toMatchObject({
          code: 'update_failed',
          failure: { type: 'TypeError' },
        });
        await expect(executor.update(handle.id, w.nosuchUpdate, null)).rejects.toEqual(code('unknown_update'));
        expect(await executor.query(handle.id, w.total, { plus: 0 })).toBe(20);
        expect(await executor.update(handle.id, w.add, 80)).toBe(100);
        expect(await handle.result()).toBe(100);
      });

      it('waitUntil says whether it was in time', async () => {
        expect(await run(w.inTime, { timeoutMs: 30 })).toBe(false);
        const handle = await executor.execute(w.inTime, { timeoutMs: 30_000 });
        await executor.update(handle.id, w.add, 1);
        expect(await handle.result()).toBe(true);
      });
    });

    describe('cancellation', () => {
      it.each(['sleep', 'activity', 'signal', 'wait'] as const)(
        'ends a %s, lets clean-up run, and the run is canceled (faults 4, 9)',
        async (how) => {
          const key = id();
          const handle = await executor.execute(w.cleaning, { key, how }, { timeout: '2 h' });
          if (how === 'activity') await eventually(() => subject.log.of(key).length, 1);
          else await pause(50);
          await executor.cancel(handle.id, 'enough');
          expect(await handle.outcome()).toMatchObject({ status: 'canceled' });
          expect(subject.log.notes).toContain(`${key} cleaned true true`);
          if (how === 'activity') await eventually(() => subject.log.aborted.includes(key), true);
          expect((await executor.history(handle.id)).at(-1)?.type).toBe('workflow_canceled');
        },
        20_000,
      );

      it('that the code goes on after ends as it says', async () => {
        const handle = await executor.execute(w.cleaning, { key: id(), how: 'catch' }, { timeout: '2 h' });
        await executor.cancel(handle.id);
        expect(await handle.outcome()).toEqual({ status: 'completed', result: 'went on' });
      });
    });

    describe('history', () => {
      it('has the events in order, after the end', async () => {
        const handle = await executor.execute(w.steps, { from: 1 });
        await handle.result();
        const events = await executor.history(handle.id);
        const step = ['activity_started echo', 'activity_completed echo'];
        expect(types(events)).toEqual([
          'workflow_started steps',
          ...step,
          ...step,
          ...step,
          'workflow_completed steps',
        ]);
        expect(events.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
        const times = events.map(({ at }) => at.getTime());
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      });

      it('has failures, signals and timers', async () => {
        const retries = await executor.execute(w.retries, {
          key: id(),
          failures: 9,
          options: { retry: { maximumAttempts: 2, initialInterval: 10 } },
        });
        await retries.result();
        const events = await executor.history(retries.id);
        expect(types(events)).toEqual([
          'workflow_started retries',
          'activity_started flaky',
          'activity_failed flaky',
          'workflow_completed retries',
        ]);
        expect(events[2]).toMatchObject({ attempt: 2, failure: { type: 'Error', message: 'failure 2' } });
        const failing = await executor.execute(w.failing, { how: 'throw' });
        await failing.outcome();
        expect((await executor.history(failing.id)).at(-1)).toMatchObject({
          type: 'workflow_failed',
          failure: { type: 'RangeError' },
        });
        const pausing = await executor.execute(w.collecting, { count: 1, pauseMs: 100 });
        await pause(10);
        await executor.signal(pausing.id, w.item, { n: 1 });
        await pausing.result();
        expect(types(await executor.history(pausing.id))).toEqual([
          'workflow_started collecting',
          'signal_received item',
          'timer_fired',
          'workflow_completed collecting',
        ]);
      });

      it('gets no event by waiting', async () => {
        const handle = await executor.execute(w.pausing, null, { timeout: '3 h' });
        await executor.signal(handle.id, w.go, 1);
        await eventually(async () => (await executor.history(handle.id)).length, 2);
        await pause(2_500);
        expect(await executor.history(handle.id)).toHaveLength(2);
        await executor.signal(handle.id, w.go, 2);
        expect(await handle.result()).toBe('1 2');
      });
    });

    describe('hooks', () => {
      it('are called in their order, outermost first, and may call the executor (fault 12)', async () => {
        const handle = await executor.execute(w.retries, {
          key: id(),
          failures: 1,
          options: { retry: { initialInterval: 10 } },
        });
        await handle.result();
        const names = [
          'start retries',
          'activity start flaky 1',
          'retry flaky 1',
          'activity start flaky 2',
          'activity complete flaky',
          'complete retries',
        ];
        const expected = names.flatMap((event) => [`outer ${event}`, `inner ${event}`]);
        await eventually(() => told.toSorted(), expected.toSorted());
        for (const event of names) expect(told.indexOf(`outer ${event}`)).toBe(told.indexOf(`inner ${event}`) - 1);
      });

      it('are told failures and signals', async () => {
        await (await executor.execute(w.failing, { how: 'activity' })).outcome();
        const waiting = await executor.execute(w.waiting, {});
        await executor.signal(waiting.id, w.go, 1);
        await waiting.result();
        const expected = ['inner activity fail flaky RangeError', 'inner fail failing failed', 'inner signal go'];
        await eventually(() => expected.filter((event) => told.includes(event)), expected);
      });
    });

    describe('bad input', () => {
      it('is refused before anything starts', async () => {
        const refused = [
          [
            () => executor.execute(w.retries, { key: 'k', failures: 0, options: (() => 1) as never }),
            'not_serializable',
          ],
          [() => executor.execute(w.steps, { from: Number.NaN }), 'not_serializable'],
          [() => executor.execute(w.steps, { from: 1n as never }), 'not_serializable'],
          [() => executor.execute(w.steps, { from: 'x'.repeat(2_000_000) as never }), 'payload_too_large'],
          [() => executor.execute(w.steps, { from: 1 }, { timeout: -1 }), 'invalid_input'],
          [() => executor.execute(w.steps, { from: 1 }, { id: '' }), 'invalid_input'],
          [() => executor.execute({ name: 'nosuch', run: async () => null }, null), 'unknown_workflow'],
        ] as const;
        for (const [call, expected] of refused) await expect(call()).rejects.toEqual(code(expected));
        const handle = await executor.execute(w.waiting, {});
        await expect(executor.signal(handle.id, w.go, new Map() as never)).rejects.toEqual(code('not_serializable'));
        await executor.terminate(handle.id);
      });

      it('is refused within workflows too', async () => {
        expect(await run(w.refusals, null)).toEqual([
          'unknown_activity',
          'invalid_input',
          'invalid_input',
          'invalid_input',
          'not_serializable',
          'not_serializable',
          'payload_too_large',
          'invalid_input',
          'invalid_input',
          'invalid_input',
        ]);
      });
    });

    describe('the store', () => {
      it('loads, and lists newest first by status with a cursor (faults 2, 14)', async () => {
        const ids: string[] = [];
        for (let n = 0; n < 5; n += 1) {
          const handle = await executor.execute(w.failing, { how: 'throw' });
          await handle.outcome();
          ids.unshift(handle.id);
        }
        expect(await executor.store.load(ids[0] ?? '')).toMatchObject({
          id: ids[0],
          workflow: 'failing',
          status: 'failed',
          input: { how: 'throw' },
        });
        const page = async (cursor?: string) =>
          executor.store.list({ status: 'failed', limit: 2, ...(cursor !== undefined && { cursor }) });
        await eventually(async () => (await page()).items.map((state) => state.id), ids.slice(0, 2));
        const first = await page();
        const second = await page(first.nextCursor);
        expect(second.items.map((state) => state.id)).toEqual(ids.slice(2, 4));
        await expect(executor.store.list({ limit: 0 })).rejects.toEqual(code('invalid_input'));
        await expect(executor.store.list({ cursor: 'nonsense' })).rejects.toEqual(code('invalid_input'));
        await expect(executor.store.list({ status: 'lost' as never })).rejects.toEqual(code('invalid_input'));
      });

      it('deletes what has ended', async () => {
        const handle = await executor.execute(w.waiting, {});
        await expect(executor.store.delete(handle.id)).rejects.toEqual(code('job_not_closed'));
        await executor.signal(handle.id, w.go, 1);
        await handle.result();
        await executor.store.delete(handle.id);
        await eventually(
          () =>
            executor.store.load(handle.id).then(
              () => 'there',
              (error: { code: string }) => error.code,
            ),
          'job_not_found',
        );
      });
    });
  });
}

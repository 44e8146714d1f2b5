import { anyShortPolicy, seededNumbers } from './any-policy';
import { code, newId, type Harness } from './harness';
import * as w from './workflows';

/** A machine that is busy with other specs may be late by itself, but not every time. */
const MEASUREMENTS = 3;

/** Runs an activity that always fails, and compares the waits between its attempts with the computed ones. */
async function requireWaits(t: Harness, retry: ReturnType<typeof anyShortPolicy>): Promise<void> {
  const { maximumAttempts, initialInterval, backoffCoefficient, maximumInterval } = retry;
  const computed = Array.from({ length: maximumAttempts - 1 }, (_, index) =>
    Math.min(maximumInterval, initialInterval * backoffCoefficient ** index),
  );
  for (let measurement = 1; ; measurement += 1) {
    const key = newId();
    expect(await t.run(w.retries, { key, failures: 99, options: { retry } })).toBe(
      `flaky Error failure ${maximumAttempts}`,
    );
    const starts = t.log.of(key).map(({ at }) => at);
    const waits = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
    const over = waits.map((wait, index) => wait - Math.floor(computed[index] ?? 0));
    expect([retry, waits.length, over.filter((ms) => ms < 0)]).toEqual([retry, maximumAttempts - 1, []]);
    if (over.every((ms) => ms <= 250)) return;
    expect([retry, over, measurement < MEASUREMENTS]).toEqual([retry, over, true]);
  }
}

/** Part of the suite that every executor passes as it is: running, activities, bad input. */
export function describeWork(t: Harness): void {
  describe('running', () => {
    it('gives the typed result, whole numbers and fractions as they are, also long after the end (faults 1, 2, 6)', async () => {
      const handle = await t.executor.execute(w.steps, { from: 1 }, { id: newId() });
      expect(await handle.result()).toEqual({ sum: 6, half: 3 });
      expect(await handle.status()).toBe('completed');
      const again = await t.executor.getHandle(w.steps, handle.id);
      expect([again.id, again.runId, await again.status()]).toEqual([handle.id, handle.runId, 'completed']);
      expect(await again.outcome()).toEqual({ status: 'completed', result: { sum: 6, half: 3 } });
    });

    it('takes an id once, running or ended (fault 10), and makes one that is unique', async () => {
      const first = await t.executor.execute(w.steps, { from: 1 }, { id: newId() });
      await expect(t.executor.execute(w.steps, { from: 1 }, { id: first.id })).rejects.toEqual(code('job_exists'));
      await first.result();
      await expect(t.executor.execute(w.steps, { from: 1 }, { id: first.id })).rejects.toEqual(code('job_exists'));
      const handles = await Promise.all([t.executor.execute(w.idle, null), t.executor.execute(w.idle, null)]);
      expect(handles[0].id).not.toBe(handles[1].id);
      await Promise.all(handles.map((handle) => t.executor.terminate(handle.id)));
    });

    it('runs activities side by side', async () => {
      expect(await t.run(w.parallel, { count: 8 })).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    });

    it('fails when the code throws, with the type and message of what it threw (fault 13)', async () => {
      const cases = [
        ['throw', 'RangeError', 'out of range'],
        ['activity', 'RangeError', 'failure 1'],
        ['text', 'Error', 'just a text'],
      ] as const;
      for (const [how, type, message] of cases) {
        const handle = await t.executor.execute(w.failing, { how });
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
      const { now, later, uuids, random } = await t.run(w.values, null);
      expect(later).toBeGreaterThanOrEqual(now + 20);
      expect(new Set(uuids).size).toBe(2);
      for (const uuid of uuids)
        expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(random >= 0 && random < 1).toBe(true);
    });

    it('runs children and is told how they failed', async () => {
      expect(await t.run(w.parent, { fail: false })).toBe('child gave 6');
      expect(await t.run(w.parent, { fail: true })).toMatch(/ended as failed with RangeError: out of range/);
    });
  });

  describe('detached workflows', () => {
    it('go on after the end of whoever started them, once for each id', async () => {
      const id = newId();
      expect(await t.run(w.detaching, { id })).toBe('left it');
      const handle = await t.executor.getHandle(w.waiting, id);
      expect(await handle.status()).toBe('running');
      await t.executor.signal(id, w.go, 7);
      expect(await handle.result()).toBe('7 of  number');
    });
  });

  describe('activities', () => {
    it('are tried 3 times by default, after 100 and 200 ms at least and 250 ms more at most, under one idempotency key', async () => {
      const key = newId();
      expect(await t.run(w.retries, { key, failures: 2, options: {} })).toBe('ok 3 1');
      const attempts = t.log.of(key);
      expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
      const waits = attempts.slice(1).map(({ at }, index) => at - (attempts[index]?.at ?? 0));
      for (const [index, expected] of [100, 200].entries()) {
        expect(waits[index]).toBeGreaterThanOrEqual(expected);
        expect(waits[index]).toBeLessThanOrEqual(expected + 250);
      }
    });

    it('fail for good after the last attempt, or at once for a non-retryable type (fault 13)', async () => {
      const [a, b, c] = [newId(), newId(), newId()];
      expect(await t.run(w.retries, { key: a, failures: 9, options: {} })).toBe('flaky Error failure 3');
      expect(t.log.of(a)).toHaveLength(3);
      const nonRetryable = { retry: { nonRetryable: ['TypeError'] } };
      expect(await t.run(w.retries, { key: b, failures: 9, type: 'TypeError', options: nonRetryable })).toBe(
        'flaky TypeError failure 1',
      );
      expect(t.log.of(b)).toHaveLength(1);
      expect(await t.run(w.retries, { key: c, failures: 9, options: { retry: { maximumAttempts: 1 } } })).toBe(
        'flaky Error failure 1',
      );
      expect(t.log.of(c)).toHaveLength(1);
    });

    it('wait as their policy says, no longer than its maximum', async () => {
      const key = newId();
      const retry = { maximumAttempts: 5, initialInterval: 60, backoffCoefficient: 3, maximumInterval: 200 };
      expect(await t.run(w.retries, { key, failures: 4, options: { retry } })).toBe('ok 5 1');
      const attempts = t.log.of(key);
      for (const [index, expected] of [60, 180, 200, 200].entries()) {
        const waited = (attempts[index + 1]?.at ?? 0) - (attempts[index]?.at ?? 0);
        expect([expected, waited >= expected, waited <= expected + 250]).toEqual([expected, true, true]);
      }
    });

    it('make as many attempts as any policy says, none before its time and none later than 250 ms after it', async () => {
      const next = seededNumbers(42);
      const policies = Array.from({ length: 8 }, () => anyShortPolicy(next));
      // Two at a time: what is measured is the wait, not how long a crowd queues.
      for (let n = 0; n < policies.length; n += 2)
        await Promise.all(policies.slice(n, n + 2).map((retry) => requireWaits(t, retry)));
    }, 60_000);

    it('have their start-to-close time for each attempt, not for all together (faults 3, 13)', async () => {
      const key = newId();
      const handle = await t.executor.execute(w.retries, {
        key,
        failures: 2,
        options: { startToClose: '1 s', retry: { initialInterval: 600 } },
      });
      expect(await handle.result()).toBe('ok 3 1');
    });
  });

  describe('heartbeats', () => {
    it('are given for the activity: one that works in silence is not taken for lost', async () => {
      const key = newId();
      expect(await t.run(w.quietWork, { key })).toBe(1);
      expect(t.log.of(key)).toHaveLength(1);
    });
  });

  describe('bad input', () => {
    it('is refused before anything starts', async () => {
      const refused = [
        [
          () => t.executor.execute(w.retries, { key: 'k', failures: 0, options: (() => 1) as never }),
          'not_serializable',
        ],
        [() => t.executor.execute(w.steps, { from: Number.NaN }), 'not_serializable'],
        [() => t.executor.execute(w.steps, { from: 1n as never }), 'not_serializable'],
        [() => t.executor.execute(w.steps, { from: 'x'.repeat(2_000_000) as never }), 'payload_too_large'],
        [() => t.executor.execute(w.steps, { from: 1 }, { timeout: -1 }), 'invalid_input'],
        [() => t.executor.execute(w.steps, { from: 1 }, { id: '' }), 'invalid_input'],
        [() => t.executor.execute({ name: 'nosuch', run: async () => null }, null), 'unknown_workflow'],
      ] as const;
      for (const [call, expected] of refused) await expect(call()).rejects.toEqual(code(expected));
      const handle = await t.executor.execute(w.waiting, {});
      await expect(t.executor.signal(handle.id, w.go, new Map() as never)).rejects.toEqual(code('not_serializable'));
      await t.executor.terminate(handle.id);
    });

    it('is refused within workflows too', async () => {
      expect(await t.run(w.refusals, null)).toEqual([
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
}

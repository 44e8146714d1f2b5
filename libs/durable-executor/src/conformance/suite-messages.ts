import { code, eventually, newId, type Harness } from './harness';
import * as w from './workflows';

/** Part of the suite that every executor passes as it is: signals, queries and updates. */
export function describeMessages(t: Harness): void {
  describe('signals', () => {
    it('carry payload, time and sender (fault 5)', async () => {
      const handle = await t.executor.execute(w.waiting, {});
      await t.executor.signal(handle.id, w.go, 5, { senderId: 'ann' });
      expect(await handle.result()).toBe('5 of ann number');
    });

    it('are waited for with a time-out', async () => {
      expect(await t.run(w.waiting, { timeoutMs: 30 })).toBe('nothing came');
      const handle = await t.executor.execute(w.waiting, { timeoutMs: 30_000 });
      await t.executor.signal(handle.id, w.go, 6);
      expect(await handle.result()).toBe('6 of  number');
    });

    it('are kept in order before anyone listens, 1,000 of them, and no sender waits (faults 4, 11)', async () => {
      const handle = await t.executor.execute(w.collecting, { count: 1000, pauseMs: 400 });
      for (let n = 0; n < 1000; n += 50) {
        // In order within each sender: the next fifty only when these are recorded.
        for (let batch = n; batch < n + 50; batch += 10)
          await Promise.all(
            Array.from({ length: 10 }, (_, k) => t.executor.signal(handle.id, w.item, { n: batch + k })),
          );
      }
      const numbers = await handle.result();
      expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
      expect(numbers.map((n) => Math.floor(n / 10))).toEqual(
        numbers.map((n) => Math.floor(n / 10)).toSorted((a, b) => a - b),
      );
    }, 60_000);

    it('go to one of two receivers each, whoever waited first (fault 11)', async () => {
      const handle = await t.executor.execute(w.twoReceivers, null);
      for (let n = 1; n <= 4; n += 1) await t.executor.signal(handle.id, w.item, { n });
      const { first, second } = await handle.result();
      expect([...first, ...second].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
    });
  });

  describe('queries and updates', () => {
    it('are answered by handlers, and status, progress and result by every workflow (fault 5)', async () => {
      const handle = await t.executor.execute(w.counter, { until: 100 });
      expect(await t.executor.update(handle.id, w.add, 4)).toBe(4);
      expect(await t.executor.query(handle.id, w.total, { plus: 3 })).toBe(7);
      const ask = (query: string) => t.executor.query(handle.id, { name: query }, null);
      expect([await ask('status'), await ask('result')]).toEqual(['running', null]);
      await expect(t.executor.query(handle.id, w.nosuchQuery, null)).rejects.toEqual(code('unknown_query'));
      await expect(t.executor.query(handle.id, w.total, { plus: -1 })).rejects.toEqual(code('query_failed'));
      expect(await t.executor.update(handle.id, w.add, 96)).toBe(100);
      expect(await handle.result()).toBe(100);
      expect([await ask('status'), await ask('result')]).toEqual(['completed', 100]);
      expect(await t.executor.query(handle.id, w.total, { plus: 1 })).toBe(101);
      const waiting = await t.executor.execute(w.waiting, {});
      await eventually(() => t.executor.query(waiting.id, { name: 'progress' }, null), { step: 'waiting' });
      await t.executor.signal(waiting.id, w.go, 1);
      await waiting.result();
      expect(await t.executor.query(waiting.id, { name: 'progress' }, null)).toEqual({ step: 'done' });
    });

    it('an update is refused by its validator without an effect, and the same updateId has one effect', async () => {
      const handle = await t.executor.execute(w.counter, { until: 100, failAt: 13 });
      await expect(t.executor.update(handle.id, w.add, -1)).rejects.toMatchObject({
        code: 'update_rejected',
        failure: { type: 'RangeError', message: 'must be positive' },
      });
      const updateId = newId();
      expect(await Promise.all([1, 2, 3].map(() => t.executor.update(handle.id, w.add, 20, { updateId })))).toEqual([
        20, 20, 20,
      ]);
      expect(await t.executor.update(handle.id, w.add, 20, { updateId })).toBe(20);
      await expect(t.executor.update(handle.id, w.add, 13)).rejects.toMatchObject({
        code: 'update_failed',
        failure: { type: 'TypeError' },
      });
      await expect(t.executor.update(handle.id, w.nosuchUpdate, null)).rejects.toEqual(code('unknown_update'));
      expect(await t.executor.query(handle.id, w.total, { plus: 0 })).toBe(20);
      expect(await t.executor.update(handle.id, w.add, 80)).toBe(100);
      expect(await handle.result()).toBe(100);
    });

    it('waitUntil says whether it was in time', async () => {
      expect(await t.run(w.inTime, { timeoutMs: 30 })).toBe(false);
      const handle = await t.executor.execute(w.inTime, { timeoutMs: 30_000 });
      await t.executor.update(handle.id, w.add, 1);
      expect(await handle.result()).toBe(true);
    });
  });
}

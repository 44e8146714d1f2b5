import { eventually, pause, typesOf, newId, type Harness } from './harness';
import * as w from './workflows';

/** Part of the suite that every executor passes as it is: history, hooks. */
export function describeEvents(t: Harness): void {
  describe('history', () => {
    it('has the events in order, after the end', async () => {
      const handle = await t.executor.execute(w.steps, { from: 1 });
      await handle.result();
      const events = await t.executor.history(handle.id);
      const step = ['activity_started echo', 'activity_completed echo'];
      expect(typesOf(events)).toEqual([
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
      const retries = await t.executor.execute(w.retries, {
        key: newId(),
        failures: 9,
        options: { retry: { maximumAttempts: 2, initialInterval: 10 } },
      });
      await retries.result();
      const events = await t.executor.history(retries.id);
      expect(typesOf(events)).toEqual([
        'workflow_started retries',
        'activity_started flaky',
        'activity_failed flaky',
        'workflow_completed retries',
      ]);
      expect(events[2]).toMatchObject({ attempt: 2, failure: { type: 'Error', message: 'failure 2' } });
      const failing = await t.executor.execute(w.failing, { how: 'throw' });
      await failing.outcome();
      expect((await t.executor.history(failing.id)).at(-1)).toMatchObject({
        type: 'workflow_failed',
        failure: { type: 'RangeError' },
      });
      const pausing = await t.executor.execute(w.collecting, { count: 1, pauseMs: 100 });
      await pause(10);
      await t.executor.signal(pausing.id, w.item, { n: 1 });
      await pausing.result();
      expect(typesOf(await t.executor.history(pausing.id))).toEqual([
        'workflow_started collecting',
        'signal_received item',
        'timer_fired',
        'workflow_completed collecting',
      ]);
    });

    it('gets no event by waiting', async () => {
      const handle = await t.executor.execute(w.pausing, null, { timeout: '3 h' });
      await t.executor.signal(handle.id, w.go, 1);
      await eventually(async () => (await t.executor.history(handle.id)).length, 2);
      await pause(2_500);
      expect(await t.executor.history(handle.id)).toHaveLength(2);
      await t.executor.signal(handle.id, w.go, 2);
      expect(await handle.result()).toBe('1 2');
    });
  });

  describe('hooks', () => {
    it('are called in their order, outermost first, and may call the executor (fault 12)', async () => {
      const handle = await t.executor.execute(w.retries, {
        key: newId(),
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
      await eventually(() => t.told.filter((event) => /retries|flaky/.test(event)).toSorted(), expected.toSorted());
      for (const event of names) expect(t.told.indexOf(`outer ${event}`)).toBe(t.told.indexOf(`inner ${event}`) - 1);
    });

    it('are told failures and signals', async () => {
      await (await t.executor.execute(w.failing, { how: 'activity' })).outcome();
      const waiting = await t.executor.execute(w.waiting, {});
      await t.executor.signal(waiting.id, w.go, 1);
      await waiting.result();
      const expected = ['inner activity fail flaky RangeError', 'inner fail failing failed', 'inner signal go'];
      await eventually(() => expected.filter((event) => t.told.includes(event)), expected);
    });
  });
}

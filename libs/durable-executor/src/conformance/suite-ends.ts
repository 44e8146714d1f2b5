import { code, eventually, pause, newId, type Harness } from './harness';
import * as w from './workflows';

/** Part of the suite that every executor passes as it is: statuses, cancellation, the store. */
export function describeEnds(t: Harness): void {
  describe('statuses', () => {
    it('are real: running, timed_out, terminated, canceled', async () => {
      const idle = () => t.executor.execute(w.idle, null, { timeout: '1 minute' });
      const [canceled, terminated] = [await idle(), await idle()];
      const late = await t.executor.execute(w.idle, null, { timeout: '1 s' });
      expect(await canceled.status()).toBe('running');
      await t.executor.cancel(canceled.id, 'enough');
      await t.executor.terminate(terminated.id, 'stop it');
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
      const handle = await t.executor.execute(w.chain, { left: 2, seen: [] }, { id: newId() });
      await t.executor.signal(handle.id, w.go, 7);
      expect(await handle.result()).toEqual([2, 1, 7]);
      expect(await handle.status()).toBe('continued_as_new');
      const latest = await t.executor.getHandle(w.chain, handle.id);
      expect(latest.runId).not.toBe(handle.runId);
      expect(await latest.status()).toBe('completed');
      // Every call can name its run (fault 16).
      const first = await t.executor.history({ id: handle.id, runId: handle.runId });
      expect(first.at(-1)?.continuedAs).toEqual(expect.any(String));
      await expect(t.executor.signal({ id: handle.id, runId: handle.runId }, w.go, 1)).rejects.toEqual(
        code('job_closed'),
      );
    });

    it('of an unknown id is an error, for every call', async () => {
      const unknown = newId();
      const calls = [
        () => t.executor.getHandle(w.steps, unknown),
        () => t.executor.signal(unknown, w.go, 1),
        () => t.executor.query(unknown, w.total, { plus: 0 }),
        () => t.executor.update(unknown, w.add, 1),
        () => t.executor.cancel(unknown),
        () => t.executor.terminate(unknown),
        () => t.executor.history(unknown),
        () => t.executor.store.load(unknown),
        () => t.executor.store.delete(unknown),
      ];
      for (const call of calls) await expect(call()).rejects.toEqual(code('job_not_found'));
    });

    it('of a closed workflow refuse signals, updates, cancel and terminate', async () => {
      const handle = await t.executor.execute(w.steps, { from: 1 });
      await handle.result();
      await expect(t.executor.signal(handle.id, w.go, 1)).rejects.toEqual(code('job_closed'));
      await expect(t.executor.update(handle.id, w.add, 1)).rejects.toEqual(code('job_closed'));
      await expect(t.executor.cancel(handle.id)).rejects.toEqual(code('job_closed'));
      await expect(t.executor.terminate(handle.id)).rejects.toEqual(code('job_closed'));
    });
  });

  describe('cancellation', () => {
    it.each(['sleep', 'activity', 'signal', 'wait'] as const)(
      'ends a %s, lets clean-up run, and the run is canceled (faults 4, 9)',
      async (how) => {
        const key = newId();
        const handle = await t.executor.execute(w.cleaning, { key, how }, { timeout: '2 h' });
        if (how === 'activity') await eventually(() => t.log.of(key).length, 1);
        else await pause(50);
        await t.executor.cancel(handle.id, 'enough');
        expect(await handle.outcome()).toMatchObject({ status: 'canceled' });
        expect(t.log.notes).toContain(`${key} cleaned true true`);
        if (how === 'activity') await eventually(() => t.log.aborted.includes(key), true);
        expect((await t.executor.history(handle.id)).at(-1)?.type).toBe('workflow_canceled');
      },
      20_000,
    );

    it('that the code goes on after ends as it says', async () => {
      const handle = await t.executor.execute(w.cleaning, { key: newId(), how: 'catch' }, { timeout: '2 h' });
      await t.executor.cancel(handle.id);
      expect(await handle.outcome()).toEqual({ status: 'completed', result: 'went on' });
    });
  });

  describe('the store', () => {
    it('loads, and lists newest first by status with a cursor (faults 2, 14)', async () => {
      const ids: string[] = [];
      for (let n = 0; n < 5; n += 1) {
        const handle = await t.executor.execute(w.failing, { how: 'throw' });
        await handle.outcome();
        ids.unshift(handle.id);
      }
      expect(await t.executor.store.load(ids[0] ?? '')).toMatchObject({
        id: ids[0],
        workflow: 'failing',
        status: 'failed',
        input: { how: 'throw' },
      });
      const page = async (cursor?: string) =>
        t.executor.store.list({ status: 'failed', limit: 2, ...(cursor !== undefined && { cursor }) });
      await eventually(async () => (await page()).items.map((state) => state.id), ids.slice(0, 2));
      const first = await page();
      const second = await page(first.nextCursor);
      expect(second.items.map((state) => state.id)).toEqual(ids.slice(2, 4));
      await expect(t.executor.store.list({ limit: 0 })).rejects.toEqual(code('invalid_input'));
      await expect(t.executor.store.list({ cursor: 'nonsense' })).rejects.toEqual(code('invalid_input'));
      await expect(t.executor.store.list({ status: 'lost' as never })).rejects.toEqual(code('invalid_input'));
    });

    it('deletes what has ended', async () => {
      const handle = await t.executor.execute(w.waiting, {});
      await expect(t.executor.store.delete(handle.id)).rejects.toEqual(code('job_not_closed'));
      await t.executor.signal(handle.id, w.go, 1);
      await handle.result();
      await t.executor.store.delete(handle.id);
      await eventually(
        () =>
          t.executor.store.load(handle.id).then(
            () => 'there',
            (error: { code: string }) => error.code,
          ),
        'job_not_found',
        // Temporal deletes in its own time.
        45_000,
      );
    }, 60_000);
  });
}

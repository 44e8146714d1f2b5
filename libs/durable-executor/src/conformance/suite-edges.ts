import { code, eventually, newId, type Harness } from './harness';
import * as w from './workflows';

/** Part of the suite that every executor passes as it is: what is easily got wrong by one of them. */
export function describeEdges(t: Harness): void {
  describe('at the edges', () => {
    it('an update that is not answered when its workflow ends is told that it has ended', async () => {
      const handle = await t.executor.execute(w.leaving, null);
      const told = t.executor.update(handle.id, w.add, 1).catch((error: unknown) => error);
      await eventually(() => t.executor.query(handle.id, w.total, { plus: 0 }), 1);
      await t.executor.signal(handle.id, w.go, 1);
      expect(await handle.result()).toBe('left');
      expect(await told).toEqual(code('job_closed'));
    });

    it('an asynchronous validator refuses, instead of letting everything pass', async () => {
      const handle = await t.executor.execute(w.leaving, null);
      await expect(t.executor.update(handle.id, w.hasty, 1)).rejects.toEqual(code('update_rejected'));
      await t.executor.signal(handle.id, w.go, 1);
      expect(await handle.result()).toBe('left');
    });

    it('a run id that is none names nothing', async () => {
      const { id } = await t.executor.execute(w.idle, null);
      const target = { id, runId: 'not a run' };
      const calls = [
        () => t.executor.getHandle(w.idle, target),
        () => t.executor.signal(target, w.go, 1),
        () => t.executor.query(target, w.total, { plus: 0 }),
        () => t.executor.update(target, w.add, 1),
        () => t.executor.cancel(target),
        () => t.executor.terminate(target),
        () => t.executor.history(target),
      ];
      for (const call of calls) await expect(call()).rejects.toEqual(code('job_not_found'));
      await t.executor.terminate(id);
    });

    it('no time at all is no limit that could be meant', async () => {
      await expect(t.executor.execute(w.idle, null, { timeout: 0 })).rejects.toEqual(code('invalid_input'));
    });

    it('hooks are told of every run of a workflow that continues as new', async () => {
      const handle = await t.executor.execute(w.chain, { left: 2, seen: [] }, { id: newId() });
      await t.executor.signal(handle.id, w.go, 1);
      await handle.result();
      const count = (event: string): number => t.told.filter((line) => line === `inner ${event}`).length;
      const events = ['start chain', 'activity complete note', 'signal go', 'complete chain'];
      await eventually(() => events.map(count), [1, 3, 1, 3], 15_000);
    });
  });
}

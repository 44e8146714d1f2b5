import { describeExecutor } from '@fleet/durable-executor/conformance';
import { startPortableWorker } from './test-portable-worker';

// The worker of the fleet itself, with its interceptors: one activity serves both executors.
describeExecutor({
  name: 'temporal',
  start: startPortableWorker,
  more(t) {
    it('what Temporal cannot do is an error, not silence (fault 2)', async () => {
      const state = { id: 'x', runId: 'x', workflow: 'steps', status: 'running', owner: 'local', input: null } as const;
      const saving = t.executor.store.save({ ...state, createdAt: new Date(), version: 0 });
      await expect(saving).rejects.toMatchObject({ code: 'not_supported' });
    });
  },
});

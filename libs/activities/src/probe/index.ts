import type { ProbeInput, ProbeOutput } from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';

/** The activity that measures queues. It needs nothing, so its factory takes nothing. */
export function createProbeActivities() {
  return {
    /**
     * Waits `durationMs` (default 0) and says when and where it ran.
     *
     * @throws the signal's reason as soon as the signal aborts.
     */
    probe: async ({ durationMs = 0 }: ProbeInput, { signal, attempt }: ActivityScope): Promise<ProbeOutput> => {
      const startedAt = Date.now();
      await wait(durationMs, signal);
      return { startedAt, finishedAt: Date.now(), attempt, pid: process.pid };
    },
  };
}

// Not the timer of node:timers/promises: that one rejects with an AbortError of its own instead of the reason.
function wait(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });
}

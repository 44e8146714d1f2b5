import type { GatewayApi } from './gateway-api';
import type { JobDetails, JobOutcome } from './gateway-contract';

const UNFINISHED = new Set(['running', 'paused']);
const PROGRESS_INTERVAL_MS = 500;

/** True when the job has ended, however it did. */
export function hasEnded(status: string): boolean {
  return !UNFINISHED.has(status);
}

/**
 * Waits until the job has ended or the time is over, and answers with how it stands then.
 *
 * @param waitMs Milliseconds; Infinity waits as long as it takes.
 */
export async function waitForEnd(api: GatewayApi, id: string, waitMs: number): Promise<JobOutcome> {
  const until = performance.now() + waitMs;
  for (;;) {
    const left = Math.max(0, until - performance.now());
    const asked = performance.now();
    const outcome = await api.outcome(id, left);
    if (hasEnded(outcome.status) || performance.now() >= until) return outcome;
    // A gateway that drains answers at once; asking again without a pause would only load it.
    if (performance.now() - asked < 250) await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** `waitForEnd` with the job's step on one line of the terminal, as it changes. Without a terminal it only waits. */
export async function waitWithProgress(api: GatewayApi, id: string, waitMs: number): Promise<JobOutcome> {
  if (!process.stderr.isTTY) return waitForEnd(api, id, waitMs);
  const stop = new AbortController();
  const showing = showProgress(api, id, stop.signal);
  try {
    return await waitForEnd(api, id, waitMs);
  } finally {
    stop.abort();
    await showing;
    process.stderr.write('\r\u001b[K');
  }
}

async function showProgress(api: GatewayApi, id: string, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  while (!signal.aborted) {
    // Progress is a courtesy: an error here is met, and told, by the wait itself.
    const job = await api
      .json<JobDetails>('GET', `/v1/jobs/${encodeURIComponent(id)}`, { signal })
      .catch(() => undefined);
    if (signal.aborted) return;
    const seconds = Math.round((performance.now() - started) / 1000);
    if (job) process.stderr.write(`\r\u001b[K${job.status} ${progressText(job.progress)} ${seconds} s`);
    await pause(PROGRESS_INTERVAL_MS, signal);
  }
}

/** `render (2 of 5)` for a workflow's progress, JSON for anything else, nothing when there is none. */
export function progressText(progress: unknown): string {
  if (progress === undefined || progress === null) return '';
  const { step, completed, total } = progress as { step?: unknown; completed?: unknown; total?: unknown };
  if (typeof step === 'string' && typeof total === 'number') return `${step} (${Number(completed)} of ${total})`;
  return JSON.stringify(progress);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}

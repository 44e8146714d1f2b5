import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import type { TaskQueueName } from '@fleet/task-queues';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { TestGateway } from './gateway';
import { runningWorker, type RunningWorker } from './running-worker';

// Liveness is told by heartbeats, as those of the fleet's own workers.
Runtime.install({ logger: new DefaultLogger('ERROR'), workerHeartbeatInterval: '2 seconds' });

/** A real worker of the standard queue whose probe waits, and fails for a duration of 599,999 ms. */
export async function startWorker(gateway: TestGateway, taskQueue: TaskQueueName = 'standard'): Promise<RunningWorker> {
  return runningWorker(gateway, taskQueue, {
    workflowsPath: require.resolve('./workflows'),
    activities: { probe },
  });
}

async function probe({ durationMs = 0 }: { durationMs?: number }): Promise<object> {
  if (durationMs === 599_999) throw ApplicationFailure.nonRetryable('no such column', 'invalid_csv');
  const startedAt = Date.now();
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat({ step: 'waiting' }), 300);
  try {
    await sleep(durationMs, undefined, { signal: context.cancellationSignal });
  } finally {
    clearInterval(beat);
  }
  return { startedAt, finishedAt: Date.now(), attempt: context.info.attempt, pid: process.pid };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import type { TaskQueueName } from '@fleet/task-queues';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { TestGateway } from './gateway';

// Liveness is told by heartbeats, as those of the fleet's own workers.
Runtime.install({ logger: new DefaultLogger('ERROR'), workerHeartbeatInterval: '2 seconds' });

/** A real worker of the standard queue whose probe waits, and fails for a duration of 599,999 ms. */
export async function startWorker(
  gateway: TestGateway,
  taskQueue: TaskQueueName = 'standard',
): Promise<{ stop(): Promise<void> }> {
  const connection = await NativeConnection.connect({ address: gateway.address });
  const worker = await Worker.create({
    connection,
    namespace: gateway.namespace,
    taskQueue,
    workflowsPath: require.resolve('./workflows'),
    activities: { probe },
    shutdownGraceTime: 0,
    shutdownForceTime: '5 seconds',
  });
  const ended = worker.run();
  while (!(await gateway.client.hasPollers(taskQueue))) await sleep(200);
  return {
    async stop() {
      worker.shutdown();
      await ended.catch(() => undefined);
      await connection.close();
    },
  };
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

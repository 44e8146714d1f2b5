import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskQueueName } from '@fleet/task-queues';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { TestGateway } from './gateway';

/** A worker that polls. */
export interface RunningWorker {
  stop(): Promise<void>;
}

/** A real worker on the gateway's Temporal, once it polls the queue. */
export async function runningWorker(
  gateway: TestGateway,
  taskQueue: TaskQueueName,
  parts: Pick<WorkerOptions, 'activities' | 'workflowsPath'>,
): Promise<RunningWorker> {
  const connection = await NativeConnection.connect({ address: gateway.address });
  const worker = await Worker.create({
    connection,
    namespace: gateway.namespace,
    taskQueue,
    ...parts,
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

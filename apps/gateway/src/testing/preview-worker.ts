import { setTimeout as sleep } from 'node:timers/promises';
import { createActivities } from '@fleet/activities';
import { isFleetError, isPermanent } from '@fleet/errors';
import type { PreviewMonitorInput } from '@fleet/workflow-registry/messages';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Environment } from '../config';
import type { TestGateway } from './gateway';

/** A real worker that does previews, with the real activity on the gateway's own store. */
export async function startPreviewWorker(gateway: TestGateway, env: Environment): Promise<{ stop(): Promise<void> }> {
  const { previewMonitor } = createActivities({ store: gateway.store, env });
  const connection = await NativeConnection.connect({ address: gateway.address });
  const worker = await Worker.create({
    connection,
    namespace: gateway.namespace,
    taskQueue: 'standard',
    activities: {
      async previewMonitor(input: PreviewMonitorInput) {
        const { info, cancellationSignal: signal } = Context.current();
        const { activityId: jobId, attempt } = info;
        const scope = { signal, heartbeat: () => undefined, attempt, jobId, owner: 'local', idempotencyKey: jobId };
        try {
          return await previewMonitor(input, { ...scope, lastHeartbeat: undefined });
        } catch (error) {
          if (!isFleetError(error)) throw error;
          const { message, code: type } = error;
          throw ApplicationFailure.create({ message, type, nonRetryable: isPermanent(type) });
        }
      },
    },
    shutdownGraceTime: 0,
    shutdownForceTime: '5 seconds',
  });
  const ended = worker.run();
  while (!(await gateway.client.hasPollers('standard'))) await sleep(200);
  return {
    async stop() {
      worker.shutdown();
      await ended.catch(() => undefined);
      await connection.close();
    },
  };
}

import { createActivities } from '@fleet/activities';
import { isFleetError, isPermanent } from '@fleet/errors';
import type { PreviewMonitorInput } from '@fleet/workflow-registry/messages';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Environment } from '../config';
import type { TestGateway } from './gateway';
import { runningWorker, type RunningWorker } from './running-worker';

/** A real worker that does previews, with the real activity on the gateway's own store. */
export async function startPreviewWorker(gateway: TestGateway, env: Environment): Promise<RunningWorker> {
  const { previewMonitor } = createActivities({ store: gateway.store, env });
  return runningWorker(gateway, 'standard', {
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
  });
}

import { randomUUID } from 'node:crypto';
import type { Server } from './server';

/** Longest wait for a skip to be done, milliseconds. */
const DONE_WITHIN_MS = 20_000;

/**
 * Lets time pass for one workflow, as the server's clock has it: a timer that is due on the way fires, and work in hand,
 * such as an activity, is waited for. Resolves when the time has passed or the workflow has ended. For specs only: the
 * server must be 1.32 or newer and have `frontend.WorkflowTimeSkippingEnabled` on.
 *
 * @param ms At least 1.
 */
export async function passTime(server: Server, workflowId: string, ms: number): Promise<void> {
  const { namespace, connection } = server;
  const fastForwardId = randomUUID();
  const workflowExecution = { workflowId };
  const duration = { seconds: Math.floor(ms / 1000) as never, nanos: (ms % 1000) * 1e6 };
  await connection.withDeadline(Date.now() + DONE_WITHIN_MS, async () => {
    await connection.workflowService.updateWorkflowExecutionOptions({
      namespace,
      workflowExecution,
      workflowExecutionOptions: {
        timeSkippingConfig: { enabled: true, fastForwardConfig: { id: fastForwardId, duration } },
      },
      updateMask: { paths: ['time_skipping_config'] },
    });
    await connection.workflowService.pollWorkflowExecutionTimeSkipping({ namespace, workflowExecution, fastForwardId });
  });
}

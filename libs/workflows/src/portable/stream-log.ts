import { defineWorkflow, isActivityError, type WorkflowContext } from '@fleet/durable-executor/context';
import type { ChatLogEntry, StreamLogInput } from '@fleet/workflow-registry/messages';
import { logAtLast, logWhileWaiting } from './chat-steps';

/** How long a row waits for Postgres at most. */
const LOG_TIMEOUT = '7 days';

/** Writes the log row of a stream that has ended, and of any chat whose own row could not be written in time. */
export const streamLog = defineWorkflow<StreamLogInput, null>('streamLog', async (context, entry) => {
  await context.nonCancellable(() => context.executeActivity(logAtLast, entry));
  return null;
});

/**
 * Writes the log row of a request before its caller has the answer. When Postgres does not take it within seconds a
 * workflow of its own goes on trying, so that the row is not lost and the answer is not held up.
 */
export function logRequest(context: WorkflowContext, entry: ChatLogEntry): Promise<void> {
  return context.nonCancellable(async () => {
    try {
      await context.executeActivity(logWhileWaiting, entry);
    } catch (error) {
      if (!isActivityError(error)) throw error;
      await logLater(context, entry);
    }
  });
}

/** Has the row written by a workflow of its own: for a request that failed because Postgres is away. */
export async function logLater(context: WorkflowContext, entry: ChatLogEntry): Promise<void> {
  await context.nonCancellable(() =>
    context.startDetached(streamLog, entry, { id: `log-${entry.requestId}`, timeout: LOG_TIMEOUT }),
  );
}

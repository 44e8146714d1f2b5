import { setTimeout as sleep } from 'node:timers/promises';
import { type Server } from '@fleet/temporal-client/server';
import { passTime } from '@fleet/temporal-client/test-time';
import { temporal } from '@temporalio/proto';

/** An hour, milliseconds. */
export const HOUR_MS = 3_600_000;

/** What the server notes of the skipped time itself. */
const SKIP = new Set([
  temporal.api.enums.v1.EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
  temporal.api.enums.v1.EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
]);

/** All events of the latest run of a workflow, as the server has them. For specs only. */
export async function eventsOf(server: Server, workflowId: string): Promise<temporal.api.history.v1.IHistoryEvent[]> {
  return (await server.client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
}

/**
 * Waits until a workflow has nothing to do, and lets an hour pass. For specs only.
 *
 * @returns types of the events that the hour added, without those of the skip itself.
 */
export async function eventsOfAnHour(server: Server, workflowId: string): Promise<string[]> {
  while (!(await isIdle(server, workflowId))) await sleep(50);
  const before = await eventsOf(server, workflowId);
  await passTime(server, workflowId, HOUR_MS);
  const added = (await eventsOf(server, workflowId)).slice(before.length);
  return added.flatMap(({ eventType }) =>
    eventType && !SKIP.has(eventType) ? temporal.api.enums.v1.EventType[eventType] : [],
  );
}

/** True when neither a workflow task nor an activity is scheduled or under way. */
async function isIdle({ client, namespace }: Server, workflowId: string): Promise<boolean> {
  const { pendingWorkflowTask, pendingActivities } = await client.workflowService.describeWorkflowExecution({
    namespace,
    execution: { workflowId },
  });
  return !pendingWorkflowTask && (pendingActivities ?? []).length === 0;
}

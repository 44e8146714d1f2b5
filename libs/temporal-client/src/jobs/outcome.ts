import type { temporal } from '@temporalio/proto';
import type { JobFailure } from '../fleet-client';
import { firstValue } from '../payloads';
import type { Server } from '../server';
import { failureFrom, plainFailure } from './failure';

/** How a closed run ended. */
export type Outcome =
  | { readonly result: unknown; readonly failure?: undefined }
  | { readonly failure: JobFailure; readonly nextRunId?: string };

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

const CLOSE_EVENT = 2;

/**
 * The end of a workflow run; undefined while it runs. With `wait` the server holds the call until the end, for about
 * 20 s at most.
 */
export async function workflowOutcome(
  server: Server,
  id: string,
  runId: string,
  wait = false,
): Promise<Outcome | undefined> {
  const answer = await server.connection.workflowService.getWorkflowExecutionHistory({
    namespace: server.namespace,
    execution: { workflowId: id, runId },
    waitNewEvent: wait,
    historyEventFilterType: CLOSE_EVENT,
    skipArchival: true,
  });
  const last = answer.history?.events?.at(-1);
  return last && fromCloseEvent(last);
}

/** The end of a job; undefined when it has none yet. */
export function activityOutcome(
  outcome: temporal.api.activity.v1.IActivityExecutionOutcome | null | undefined,
): Outcome | undefined {
  if (outcome?.failure) return { failure: failureFrom(outcome.failure) };
  return outcome?.result ? { result: firstValue(outcome.result) } : undefined;
}

function fromCloseEvent(event: HistoryEvent): Outcome | undefined {
  const completed = event.workflowExecutionCompletedEventAttributes;
  if (completed) return { result: firstValue(completed.result) };
  const failed = event.workflowExecutionFailedEventAttributes;
  if (failed) return { failure: failureFrom(failed.failure ?? {}) };
  if (event.workflowExecutionTimedOutEventAttributes)
    return { failure: plainFailure('TimeoutFailure', 'The workflow ran out of its execution time') };
  if (event.workflowExecutionCanceledEventAttributes)
    return { failure: plainFailure('CancelledFailure', 'The workflow was cancelled') };
  const terminated = event.workflowExecutionTerminatedEventAttributes;
  if (terminated)
    return { failure: plainFailure('TerminatedFailure', terminated.reason || 'The workflow was terminated') };
  const continued = event.workflowExecutionContinuedAsNewEventAttributes;
  if (!continued) return undefined;
  const nextRunId = continued.newExecutionRunId ?? '';
  return { failure: plainFailure('ContinuedAsNew', `The workflow goes on in run ${nextRunId}`), nextRunId };
}

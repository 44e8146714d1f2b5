import { FleetError } from '@fleet/errors';
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import { ActivityError, ChildWorkflowError, failureOf, type Failure } from '../context/failure';

/** A failure that Temporal carries with its type. */
export function applicationFailure(error: unknown, detail: object): ApplicationFailure {
  const { type, message, retryable } = failureOf(error);
  return ApplicationFailure.create({ type, message, nonRetryable: true, details: [{ ...detail, retryable }] });
}

/** What portable code catches for a failed activity. Cancellations pass as they are. */
export function activityError(name: string, error: unknown): unknown {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) return error;
  const failure = failureFrom(error.cause, 'activity_timed_out');
  // The worker has no such activity: nothing was started, and the name is to be corrected.
  if (failure.type === 'NotFoundError' && failure.message.includes('is not registered on this Worker')) {
    const [, names = ''] = /available activities: (.*)$/.exec(failure.message) ?? [];
    return new FleetError('unknown_activity', { got: JSON.stringify(name), names });
  }
  return new ActivityError(name, failure);
}

/** What portable code catches for a child that ended otherwise than completed. */
export function childError(error: unknown): unknown {
  if (isCancellation(error) || !(error instanceof ChildWorkflowFailure)) return error;
  const { cause } = error;
  const id = error.execution.workflowId ?? '';
  if (cause instanceof TerminatedFailure)
    return new ChildWorkflowError(id, 'terminated', failureFrom(cause, 'workflow_terminated'));
  const status = cause instanceof TimeoutFailure ? 'timed_out' : 'failed';
  return new ChildWorkflowError(id, status, failureFrom(cause, 'workflow_timed_out'));
}

function failureFrom(cause: Error | undefined, otherwise: string): Failure {
  const message = cause?.message ?? '';
  if (cause instanceof ApplicationFailure) {
    return { type: cause.type ?? 'Error', message, retryable: cause.nonRetryable !== true };
  }
  return { type: otherwise, message, retryable: true };
}

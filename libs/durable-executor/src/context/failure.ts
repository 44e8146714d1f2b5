import { errorText, FleetError, isFleetError, isPermanent } from '@fleet/errors';

/** Why an activity or a workflow failed, in a form that can be stored. */
export interface Failure {
  /** A code of the error table, or the name of the error's class. */
  readonly type: string;
  readonly message: string;
  /** False when trying again with the same input can never help. */
  readonly retryable: boolean;
}

/** What workflow code catches when an activity has failed for good: all attempts, or one that is not to be retried. */
export class ActivityError extends FleetError {
  constructor(
    readonly activity: string,
    readonly failure: Failure,
  ) {
    super('activity_failed', { activity, type: failure.type, reason: failure.message });
  }
}

/** What workflow code catches when a child workflow has ended otherwise than completed. */
export class ChildWorkflowError extends FleetError {
  constructor(
    readonly childId: string,
    readonly ended: 'failed' | 'canceled' | 'terminated' | 'timed_out',
    readonly failure: Failure,
  ) {
    super('child_failed', { id: childId, status: ended, type: failure.type, reason: failure.message });
  }
}

/** What every waiting call of a workflow throws once it is cancelled; code that lets it pass ends as `canceled`. */
export class CanceledError extends FleetError {
  constructor(readonly reason: string) {
    super('workflow_canceled', { reason });
  }
}

/** True for an {@link ActivityError}, also one made by another copy of this module. */
export function isActivityError(error: unknown): error is ActivityError {
  return isFleetError(error) && error.code === 'activity_failed' && 'failure' in error;
}

/** True for a {@link CanceledError}. */
export function isCanceledError(error: unknown): error is CanceledError {
  return isFleetError(error) && error.code === 'workflow_canceled' && 'reason' in error;
}

/** The failure of anything thrown. What an activity failed of is also what its workflow failed of, if it lets it pass. */
export function failureOf(error: unknown): Failure {
  if (isActivityError(error)) return error.failure;
  if (isFleetError(error)) return { type: error.code, message: error.message, retryable: !isPermanent(error.code) };
  if (!(error instanceof Object)) return { type: 'Error', message: errorText(error), retryable: true };
  const { type, name, nonRetryable } = error as { type?: unknown; name?: unknown; nonRetryable?: unknown };
  // In Temporal's order: its workers name an error by its class.
  const given = [type, (error.constructor as { name?: unknown } | undefined)?.name, name].find(
    (text): text is string => typeof text === 'string' && text !== '',
  );
  return { type: given ?? 'Error', message: errorText(error), retryable: nonRetryable !== true };
}

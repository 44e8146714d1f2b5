import { FleetError } from '@fleet/errors';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

/** True for an update that was taken and not answered before its workflow ended: nobody will answer it any more. */
export function endedUnanswered(error: unknown): boolean {
  if (!(error instanceof WorkflowUpdateFailedError)) return false;
  const { cause } = error;
  return cause instanceof ApplicationFailure && cause.type === 'AcceptedUpdateCompletedWorkflow';
}

/** What became of an update that the workflow refused or failed at; undefined when the error is about something else. */
export function updateError(name: string, error: unknown): FleetError | undefined {
  if (!(error instanceof WorkflowUpdateFailedError)) return undefined;
  const { cause } = error;
  const [detail] = (cause instanceof ApplicationFailure ? (cause.details ?? []) : []) as [{ refused?: boolean }?];
  const type = cause instanceof ApplicationFailure ? (cause.type ?? 'Error') : 'Error';
  const details = { name, type, reason: cause?.message ?? error.message };
  return new FleetError(detail?.refused ? 'update_rejected' : 'update_failed', details, { cause: error });
}

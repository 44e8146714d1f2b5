import { FleetError } from '@fleet/errors';
import { ApplicationFailure } from '@temporalio/common';
import type { Failure } from '../context';
import { UpdateError } from '../update-error';

/** What became of an update that Temporal says has failed; undefined when the error is about something else. */
export function updateError(workflow: string, name: string, error: unknown): FleetError | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure)) return undefined;
  const [detail] = (cause.details ?? []) as [{ refused?: boolean; retryable?: boolean }?];
  const got = JSON.stringify(name);
  if (detail?.refused === undefined && /update/i.test(cause.message))
    return new FleetError('unknown_update', { workflow, got, names: registered(cause.message) }, { cause: error });
  const failure: Failure = {
    type: cause.type ?? 'Error',
    message: cause.message,
    retryable: detail?.retryable ?? false,
  };
  return new UpdateError(detail?.refused ? 'update_rejected' : 'update_failed', name, failure);
}

function registered(message: string): string {
  return /\[(.*)\]/.exec(message)?.[1] ?? 'not listed';
}

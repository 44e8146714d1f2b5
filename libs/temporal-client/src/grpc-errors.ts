import { FleetError, isFleetError } from '@fleet/errors';
import { NamespaceNotFoundError } from '@temporalio/common';
import { GRPC, grpcCodeOf } from './grpc-code';
import { refusalOf } from './refusal';

export { GRPC, grpcCodeOf } from './grpc-code';

const UNAVAILABLE_CODES: ReadonlySet<number> = new Set([
  GRPC.CANCELLED,
  GRPC.DEADLINE_EXCEEDED,
  // A proxy whose upstream is gone ends a call without a word, or with words of its own.
  GRPC.INTERNAL,
  GRPC.UNKNOWN,
  GRPC.PERMISSION_DENIED,
  GRPC.RESOURCE_EXHAUSTED,
  GRPC.UNAVAILABLE,
  GRPC.UNAUTHENTICATED,
]);

/** True for a call about something that does not exist. A missing namespace is another matter: nothing works then. */
export function isNotFound(error: unknown): boolean {
  return grpcCodeOf(error) === GRPC.NOT_FOUND && !isNamespaceMissing(error);
}

/** A FleetError `temporal_refused` or `temporal_unavailable` with its cause where the server is at fault, else the error as it is. */
export function toFleetError(error: unknown): unknown {
  if (isFleetError(error)) return error;
  const refusal = refusalOf(error);
  if (refusal) return refusal;
  const code = grpcCodeOf(error);
  const unavailable = isNamespaceMissing(error) || (code !== undefined && UNAVAILABLE_CODES.has(code));
  return unavailable ? new FleetError('temporal_unavailable', {}, { cause: error }) : error;
}

function isNamespaceMissing(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof NamespaceNotFoundError || /\bNamespace \S+ (is|was) not found/i.test(at.message)) return true;
  }
  return false;
}

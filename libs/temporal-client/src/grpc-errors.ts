import { FleetError, isFleetError } from '@fleet/errors';
import { NamespaceNotFoundError } from '@temporalio/common';

/** The gRPC status codes this library tells apart. */
export const GRPC = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

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

/** The gRPC status code of an error or of one of its causes (the SDK wraps them); undefined when there is none. */
export function grpcCodeOf(error: unknown): number | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'number') return at.code;
  }
  return undefined;
}

/** True for a call about something that does not exist. A missing namespace is another matter: nothing works then. */
export function isNotFound(error: unknown): boolean {
  return grpcCodeOf(error) === GRPC.NOT_FOUND && !isNamespaceMissing(error);
}

/** A FleetError `temporal_unavailable` with its cause where the server is at fault, else the error as it is. */
export function toFleetError(error: unknown): unknown {
  if (isFleetError(error)) return error;
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

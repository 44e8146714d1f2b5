import { ERRORS, isPermanent, type ErrorCode } from '@fleet/errors';
import type { temporal } from '@temporalio/proto';
import type { JobFailure } from '../fleet-client';

type RawFailure = temporal.api.failure.v1.IFailure;

/**
 * What went wrong, from a failure and its causes: the innermost application failure whose type is in the error table,
 * else the innermost application failure, else the innermost cause of Temporal's own.
 */
export function failureFrom(failure: RawFailure): JobFailure {
  const chain = causes(failure);
  const applications = chain.filter((cause) => cause.applicationFailureInfo);
  const known = applications.findLast((cause) => isErrorCode(cause.applicationFailureInfo?.type ?? ''));
  if (known) return fromTable(known.applicationFailureInfo?.type as ErrorCode, known.message ?? '');
  const application = applications.at(-1);
  if (application) {
    const { type, nonRetryable } = application.applicationFailureInfo ?? {};
    return { code: type || 'ApplicationFailure', message: application.message ?? '', retryable: !nonRetryable };
  }
  const own = chain.findLast((cause) => ownName(cause) !== undefined) ?? failure;
  return { code: ownName(own) ?? 'Failure', message: own.message || 'no message', retryable: true };
}

/** A failure in Temporal's own words, for ends that carry no failure object. */
export function plainFailure(code: string, message: string): JobFailure {
  return { code, message, retryable: true };
}

function fromTable(code: ErrorCode, message: string): JobFailure {
  return { code, message: message || ERRORS[code].message, remedy: ERRORS[code].remedy, retryable: !isPermanent(code) };
}

function causes(failure: RawFailure): RawFailure[] {
  const chain: RawFailure[] = [];
  for (let at: RawFailure | null | undefined = failure; at; at = at.cause) chain.push(at);
  return chain;
}

function isErrorCode(type: string): type is ErrorCode {
  return Object.hasOwn(ERRORS, type);
}

function ownName(failure: RawFailure): string | undefined {
  if (failure.timeoutFailureInfo) return 'TimeoutFailure';
  if (failure.canceledFailureInfo) return 'CancelledFailure';
  if (failure.terminatedFailureInfo) return 'TerminatedFailure';
  if (failure.serverFailureInfo) return 'ServerFailure';
  return undefined;
}

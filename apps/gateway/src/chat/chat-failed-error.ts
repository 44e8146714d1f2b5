import { ERRORS, FleetError, isFleetError, type ErrorCode, type FieldError } from '@fleet/errors';
import { WorkflowEndedError } from '@fleet/durable-executor';

/** How a chat ended, in the words of the process that ran it. It runs no more. */
export class ChatFailedError extends FleetError {
  /** @param failure `code` may be of no row of the table: then it was no failure that a workflow makes on purpose. */
  constructor(
    failure: { readonly code: string; readonly message: string; readonly fields?: readonly FieldError[] },
    cause?: unknown,
  ) {
    const known = Object.hasOwn(ERRORS, failure.code);
    super(known ? (failure.code as ErrorCode) : 'internal_error', {}, { cause, fields: failure.fields ?? [] });
    if (known) this.message = failure.message;
  }
}

/** An error of a chat as its caller is told: what the workflow ended with, or the error itself when it may still run. */
export function toldError(error: unknown): unknown {
  if (!isFleetError(error) || !isEnded(error)) return error;
  const { ended, failure } = error;
  if (ended !== 'failed') return new ChatFailedError({ code: error.code, message: error.message }, error);
  return new ChatFailedError({ code: failure.type, message: failure.message }, error);
}

function isEnded(error: FleetError): error is WorkflowEndedError {
  return error instanceof WorkflowEndedError;
}

import { WorkflowEndedError } from '@fleet/durable-executor';
import { ERRORS, FleetError, isFleetError, type ErrorCode, type FieldError } from '@fleet/errors';

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

/** An error of the dispatcher as its caller is told: ChatFailedError when the workflow has ended, else the error itself. */
export function toldError(error: unknown): unknown {
  if (!isFleetError(error)) return error;
  if (error.cause instanceof WorkflowEndedError) return new ChatFailedError(error, error);
  if (!(error instanceof WorkflowEndedError)) return error;
  const { ended, failure, code, message } = error;
  return new ChatFailedError(ended === 'failed' ? { code: failure.type, message } : { code, message }, error);
}

import { FleetError, isFleetError, type ErrorCode } from '@fleet/errors';
import { isActivityError, type Failure } from '@fleet/durable-executor/context';
import type { ChatErrorClass, ChatSkips, ChatUnanswered } from '@fleet/workflow-registry/messages';

const CLASS_OF: Partial<Record<ErrorCode, ChatErrorClass>> = {
  unknown_model: 'no_model',
  no_eligible_model: 'no_model',
  provider_rate_limited: 'rate_limited',
  provider_timeout: 'transient',
  provider_failed: 'transient',
  provider_rejected: 'fatal',
  provider_budget_exceeded: 'budget_exceeded',
  context_overflow: 'context_overflow',
  output_schema_mismatch: 'schema_mismatch',
  invalid_input: 'fatal',
};
/** Statuses under 500 with which a provider refuses the operator or the moment, not the request. */
const NOT_THE_REQUEST: ReadonlySet<number> = new Set([401, 402, 403, 404, 405, 407, 408, 409, 429]);

/** The error of the table that a chat ends with after its last attempt. */
export function chatError(last: ChatUnanswered, { late, limitMs }: { late: boolean; limitMs: number }): FleetError {
  const { errorClass, message: reason, decision, status, skips } = last;
  const provider = decision?.providerId ?? 'none';
  switch (errorClass) {
    case 'no_model':
      return new FleetError('no_eligible_model', { reason: skipped(skips) || reason });
    case 'rate_limited':
      return new FleetError('provider_rate_limited', { provider, reason });
    case 'context_overflow':
      return new FleetError('context_overflow', { reason });
    case 'budget_exceeded':
      return new FleetError('provider_budget_exceeded', { provider, reason });
    case 'schema_mismatch':
      return new FleetError('output_schema_mismatch', { reason });
    case 'fatal':
      return status !== undefined && status >= 400 && status < 500 && !NOT_THE_REQUEST.has(status)
        ? new FleetError('provider_rejected', { provider, reason })
        : new FleetError('provider_failed', { provider, reason });
    default:
      return late
        ? new FleetError('provider_timeout', { limitMs, reason })
        : new FleetError('provider_failed', { provider, reason });
  }
}

/** Such as `2 weight_below_minimum, 1 health_down`. */
function skipped(skips: ChatSkips): string {
  return Object.entries(skips)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');
}

/** What the log row calls whatever a chat or an orchestration failed with. */
export function classOf(error: unknown): ChatErrorClass {
  const type = failedWith(error);
  return (Object.hasOwn(CLASS_OF, type) ? CLASS_OF[type as ErrorCode] : undefined) ?? 'transient';
}

function failedWith(error: unknown): string {
  if (isActivityError(error)) return error.failure.type;
  if (error instanceof ChatFailed) return error.type;
  return isFleetError(error) ? error.code : '';
}

/** A failure of a step, passed on as the workflow's own: under the type that it has. */
export class ChatFailed extends Error {
  readonly type: string;
  readonly nonRetryable: boolean;

  constructor({ type, message, retryable }: Failure) {
    super(message);
    this.type = type;
    this.nonRetryable = !retryable;
  }
}

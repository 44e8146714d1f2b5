import { FleetError, type FieldError } from '@fleet/errors';
import { toMilliseconds, type Duration } from './duration';

/** How often and how fast a failed activity is tried again. What is left out has the default. */
export interface RetryPolicy {
  /** Attempts in all, the first included; at least 1. Default 3. */
  readonly maximumAttempts?: number;
  /** Wait before the second attempt. Default 100 ms. */
  readonly initialInterval?: Duration;
  /** Each wait is the last one times this; at least 1. Default 2. */
  readonly backoffCoefficient?: number;
  /** No wait is longer. Default 10 s. */
  readonly maximumInterval?: Duration;
  /** Failure types that are never tried again: codes of the error table, or names of error classes. Default none. */
  readonly nonRetryable?: readonly string[];
}

/** A policy with every field said, times in milliseconds. */
export interface ResolvedRetryPolicy {
  readonly maximumAttempts: number;
  readonly initialMs: number;
  readonly backoffCoefficient: number;
  readonly maximumMs: number;
  readonly nonRetryable: readonly string[];
}

/** The policy of an activity that says nothing. */
export const DEFAULT_RETRY_POLICY: ResolvedRetryPolicy = {
  maximumAttempts: 3,
  initialMs: 100,
  backoffCoefficient: 2,
  maximumMs: 10_000,
  nonRetryable: [],
};

/**
 * Fills in the defaults.
 *
 * @throws FleetError `invalid_input` with every field that cannot be used.
 */
export function resolveRetryPolicy(policy: RetryPolicy = {}): ResolvedRetryPolicy {
  const { maximumAttempts = 3, backoffCoefficient = 2, nonRetryable = [] } = policy;
  const fields: FieldError[] = [];
  if (!Number.isInteger(maximumAttempts) || maximumAttempts < 1 || maximumAttempts > 1_000_000)
    fields.push({ field: 'retry.maximumAttempts', rule: 'must be a whole number from 1', got: maximumAttempts });
  if (!(Number.isFinite(backoffCoefficient) && backoffCoefficient >= 1))
    fields.push({ field: 'retry.backoffCoefficient', rule: 'must be a number from 1', got: backoffCoefficient });
  if (fields.length > 0) throw new FleetError('invalid_input', { count: fields.length }, { fields });
  const initialMs = toMilliseconds(policy.initialInterval ?? DEFAULT_RETRY_POLICY.initialMs, 'retry.initialInterval');
  const maximumMs = toMilliseconds(policy.maximumInterval ?? DEFAULT_RETRY_POLICY.maximumMs, 'retry.maximumInterval');
  // A maximum below the first wait means that every wait is the maximum; Temporal would refuse it.
  return { maximumAttempts, initialMs: Math.min(initialMs, maximumMs), backoffCoefficient, maximumMs, nonRetryable };
}

/** Milliseconds to wait after the given attempt failed (1 = the first). */
export function retryDelay(policy: ResolvedRetryPolicy, attempt: number): number {
  return Math.min(policy.maximumMs, policy.initialMs * policy.backoffCoefficient ** (attempt - 1));
}

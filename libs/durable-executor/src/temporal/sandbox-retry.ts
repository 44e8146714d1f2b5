import type { ResolvedRetryPolicy } from '../context/retry-policy';

/** A policy in Temporal's words, one to one. The server takes no wait of nothing: 1 ms is the least. */
export function retryOptions(retry: ResolvedRetryPolicy) {
  return {
    maximumAttempts: retry.maximumAttempts,
    initialInterval: Math.max(1, retry.initialMs),
    backoffCoefficient: retry.backoffCoefficient,
    maximumInterval: Math.max(1, retry.maximumMs),
    nonRetryableErrorTypes: [...retry.nonRetryable],
  };
}

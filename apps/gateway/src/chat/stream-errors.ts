import { FleetError, isFleetError } from '@fleet/errors';
import { isProviderError, type UnroutedStream } from '@fleet/model-router';
import type { ChatDecision } from '@fleet/workflow-registry/messages';
import { chatError } from '@fleet/workflows/portable';

/** The error of a stream that no model began: the same as of a chat that no model answered. */
export function unroutedError(unrouted: UnroutedStream, time: { late: boolean; limitMs: number }): FleetError {
  return chatError({ ...unrouted, ok: false, latencyMs: 0 }, time);
}

/** What ended a stream in its middle. */
export function streamErrorOf(thrown: unknown, { providerId }: ChatDecision): FleetError {
  if (isFleetError(thrown)) return thrown;
  if (isProviderError(thrown))
    return new FleetError('provider_failed', { provider: providerId, reason: thrown.message }, { cause: thrown });
  return new FleetError('internal_error', {}, { cause: thrown });
}

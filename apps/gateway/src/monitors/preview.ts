import { ERRORS, FleetError, isFleetError, type ErrorCode } from '@fleet/errors';
import type { JobFailure } from '@fleet/temporal-client';
import type { PreviewMonitorInput, PreviewMonitorOutput } from '@fleet/workflow-registry/messages';
import type { Services } from '../services';

/** Milliseconds that a caller waits for a preview: as long as its one attempt may take. */
const WAIT_MS = 60_000;

/** The preview ran and failed, in the words of the worker. */
class PreviewFailedError extends FleetError {
  constructor(code: ErrorCode, { message }: JobFailure) {
    super(code);
    this.message = message;
  }
}

/**
 * What a monitor would see now. Nothing of it is kept, but for the job itself in Temporal's history.
 *
 * @param waitMs Default 60,000.
 * @throws FleetError that the search failed with; `preview_timed_out` when no worker did it in time, `gateway_stopping`,
 * `temporal_unavailable`, `temporal_disabled`
 */
export async function previewMonitor(
  { client, lifecycle, owner }: Pick<Services, 'client' | 'lifecycle' | 'owner'>,
  input: PreviewMonitorInput,
  waitMs = WAIT_MS,
): Promise<PreviewMonitorOutput> {
  const { id } = await client.start('previewMonitor', input, { owner });
  const result = await lifecycle.untilDraining(client.result<'previewMonitor'>(id, { waitMs }));
  if (result === undefined) throw new FleetError('gateway_stopping');
  if (result.status === 'completed') return result.result;
  if ('failure' in result) throw failedAs(result.failure);
  // Nobody waits for it any more. One that ends at this moment is as good.
  await client.cancel(id, 'nobody waits for it any more').catch((error: unknown) => {
    if (!isFleetError(error)) throw error;
  });
  throw new FleetError('preview_timed_out', { seconds: waitMs / 1000 });
}

function failedAs(failure: JobFailure): FleetError {
  if (Object.hasOwn(ERRORS, failure.code)) return new PreviewFailedError(failure.code as ErrorCode, failure);
  if (failure.code === 'TimeoutFailure') return new FleetError('preview_timed_out', { seconds: WAIT_MS / 1000 });
  return new FleetError('internal_error', {}, { cause: new Error(`${failure.code}: ${failure.message}`) });
}

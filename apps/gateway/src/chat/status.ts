import { isFleetError } from '@fleet/errors';
import { isProviderError } from '@fleet/model-router';
import { ClientLeftError } from './until';

/** How a request ended, for the counters: `ok`, `client_left`, or the code of the error. */
export function statusOf(thrown: unknown): string {
  if (thrown === undefined) return 'ok';
  if (thrown instanceof ClientLeftError) return 'client_left';
  if (isProviderError(thrown)) return 'provider_failed';
  return isFleetError(thrown) ? thrown.code : 'internal_error';
}

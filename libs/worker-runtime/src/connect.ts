import { errorText, isFleetError, type ErrorCode } from '@fleet/errors';
import type { Logger } from '@fleet/telemetry';
import { refusalOf } from '@fleet/temporal-client';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';

/** What stays as it is however long one waits: a person has to correct it. */
const LASTING: ReadonlySet<ErrorCode> = new Set([
  'bundle_mismatch',
  'database_refused',
  'invalid_variable',
  'temporal_refused',
  'unreadable_file',
]);

function mayMend(error: Error): boolean {
  return !(isFleetError(error) && LASTING.has(error.code));
}

/**
 * Runs `attempt` until it succeeds, for ever, 0.2 s to 10 s apart: a worker that starts before its servers waits for them.
 * Says once what it waits for, then each 10th time.
 *
 * @throws an error that no waiting mends, such as `bundle_mismatch` or `database_refused`.
 */
export async function untilItAnswers<T>(
  what: string,
  logger: Logger,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  const policy = retry(handleWhen(mayMend), {
    maxAttempts: Number.MAX_SAFE_INTEGER,
    backoff: new ExponentialBackoff({ initialDelay: 200, maxDelay: 5_000 }),
  });
  let tries = 0;
  policy.onFailure(({ reason }) => {
    const error = 'error' in reason ? reason.error : undefined;
    if (tries++ % 10 === 0) logger.warn({ reason: errorText(error), tries }, `waiting for ${what}`);
  });
  return policy.execute(() => attempt(), signal);
}

/** Runs an attempt to use Temporal. @throws FleetError `temporal_refused` when it does not let us in, else as the attempt does. */
export async function unlessRefused<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

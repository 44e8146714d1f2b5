import { limitCall } from './call-limit';

/** Statuses of a server that answers, but not to this: its key is missing, or it wants another method. */
const HEALTHY = new Set([401, 405]);

/**
 * Asks a server for anything at all.
 *
 * @param get Makes the request; rejects with an error that has a `status` for what is not 2xx.
 * @throws The signal's reason.
 */
export async function probeBy(
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
  get: (request: { readonly signal: AbortSignal; readonly timeout: number }) => Promise<Response>,
): Promise<boolean> {
  const limit = limitCall(options.signal, options.timeoutMs);
  try {
    const response = await get({ signal: limit.signal, timeout: options.timeoutMs });
    await response.body?.cancel();
    return true;
  } catch (error) {
    options.signal.throwIfAborted();
    return HEALTHY.has((error as { status?: number }).status ?? 0);
  } finally {
    limit.end();
  }
}

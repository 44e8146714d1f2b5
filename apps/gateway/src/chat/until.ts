import type { FastifyReply, FastifyRequest } from 'fastify';
import { FleetError } from '@fleet/errors';
import type { Lifecycle } from '../lifecycle';

/** Why nobody waits for an answer any more. */
export class ClientLeftError extends Error {
  override readonly name = 'ClientLeftError';
}

/**
 * A signal for as long as somebody waits for the answer: aborted with ClientLeftError when the connection is closed, with
 * FleetError `gateway_stopping` when the drain is about to end, with `provider_timeout` after that many milliseconds. What
 * was asked goes on.
 *
 * @param limitMs default: none
 */
export function wanted({ raw }: FastifyReply, lifecycle: Lifecycle, limitMs?: number): AbortSignal {
  const controller = new AbortController();
  const late = (): void =>
    controller.abort(new FleetError('provider_timeout', { limitMs: limitMs ?? 0, reason: 'it still runs' }));
  const timer = limitMs === undefined ? undefined : setTimeout(late, limitMs);
  const cut = (): void => controller.abort(new FleetError('gateway_stopping'));
  if (lifecycle.cut.aborted) cut();
  lifecycle.cut.addEventListener('abort', cut, { once: true });
  raw.once('close', () => {
    lifecycle.cut.removeEventListener('abort', cut);
    clearTimeout(timer);
    if (!raw.writableFinished) controller.abort(new ClientLeftError('the client left'));
  });
  return controller.signal;
}

/** Beyond the time a request has, milliseconds: what it takes to say that it is over. */
const SLACK_MS = 30_000;

/** Keeps a connection open that is silent for as long as models think. @param ms that the request has */
export function allowSilence({ raw: { socket } }: FastifyRequest, ms: number): void {
  // A request that is injected has no connection to keep.
  if ('setTimeout' in socket) socket.setTimeout(ms + SLACK_MS);
}

/** The value of the promise. @throws the signal's reason, at once; the promise goes on unheard. */
export async function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  // Whoever loses the race is still settled: a late failure must not end the process.
  promise.catch(() => undefined);
  signal.throwIfAborted();
  const ended = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true, signal: ended.signal });
  });
  return Promise.race([promise, aborted]).finally(() => ended.abort());
}

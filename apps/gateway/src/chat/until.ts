import type { FastifyReply, FastifyRequest } from 'fastify';
import { FleetError } from '@fleet/errors';
import type { Lifecycle } from '../lifecycle';

/** Why nobody waits for an answer any more. */
export class ClientLeftError extends Error {
  override readonly name = 'ClientLeftError';
}

/** How a wait may end. */
export interface Wanted {
  /** What the end of the gateway means: `gateway_stopping` when what was asked goes on without it. */
  readonly stopped: 'gateway_stopping' | 'stream_stopped';
  /** Milliseconds. Default: none. */
  readonly limitMs?: number;
}

/**
 * A signal for as long as somebody waits for the answer: aborted with ClientLeftError when the connection is closed, with
 * FleetError `stopped` when the drain is about to end, with `provider_timeout` after that many milliseconds.
 */
export function wanted({ raw }: FastifyReply, lifecycle: Lifecycle, { stopped, limitMs }: Wanted): AbortSignal {
  const controller = new AbortController();
  const late = (): void =>
    controller.abort(new FleetError('provider_timeout', { limitMs: limitMs ?? 0, reason: 'it still runs' }));
  const timer = limitMs === undefined ? undefined : setTimeout(late, limitMs);
  const cut = (): void => controller.abort(new FleetError(stopped));
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

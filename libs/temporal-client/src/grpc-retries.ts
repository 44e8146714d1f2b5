import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';

/** The SDK's ten attempts take 20 s against a dead server, and its waits ignore the deadline. */
const MAX_ATTEMPTS = 3;
/**
 * The server answers one query about a workflow at a time while the workflow has work, schedules included, and refuses all but
 * one more: at once, and for as long as a task takes. The SDK would wait a second before it asks again.
 */
const BUSY = /query buffer is full/i;
const BUSY_MS = 50;
const BUSY_ATTEMPTS = 40;
/** A wait of ours must end after the SDK's of the same length. Milliseconds. */
const AFTER_MS = 10;

/**
 * The SDK's retries of gRPC calls, ended in good order: one that comes due on a closed channel throws from its timer,
 * where nobody can catch it, and ends the process.
 */
export class GrpcRetries {
  private readonly usual = defaultGrpcRetryOptions({ maxAttempts: MAX_ATTEMPTS });
  private readonly waits = new Set<Promise<void>>();
  private ending = false;

  /** For the `interceptors` of a connection. */
  readonly interceptor = makeGrpcRetryInterceptor({
    retryableDecider: (attempt, status) =>
      !this.ending &&
      (BUSY.test(status.details) ? attempt < BUSY_ATTEMPTS : this.usual.retryableDecider(attempt, status)),
    delayFunction: (attempt, status) => {
      const ms = BUSY.test(status.details) ? BUSY_MS * (1 + Math.random()) : this.usual.delayFunction(attempt, status);
      const wait = delay(ms + AFTER_MS).then(() => void this.waits.delete(wait));
      this.waits.add(wait);
      return ms;
    },
  });

  /** Plans no further retry, and waits for those that are planned: 0.4 s at most, 4 s when the server was overloaded. */
  async end(): Promise<void> {
    this.ending = true;
    await Promise.all(this.waits);
  }
}

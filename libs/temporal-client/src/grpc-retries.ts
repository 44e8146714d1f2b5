import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';

/** The SDK's ten attempts take 20 s against a dead server, and its waits ignore the deadline. */
const MAX_ATTEMPTS = 3;
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
    retryableDecider: (attempt, status) => !this.ending && this.usual.retryableDecider(attempt, status),
    delayFunction: (attempt, status) => {
      const ms = this.usual.delayFunction(attempt, status);
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

import { FleetError } from '@fleet/errors';
import type { Connection } from '@temporalio/client';
import { toFleetError } from './grpc-errors';

/** Runs calls to the server; all of them together get the deadline. */
export type Bounded = <T>(call: () => Promise<T>, deadlineMs?: number) => Promise<T>;

/**
 * The one way every call takes: gRPC's own deadline, and a race for what that does not cover (the SDK's waits between
 * retries run past it).
 */
export function boundedBy(connection: Connection, defaultMs: number): Bounded {
  return async (call, deadlineMs = defaultMs) => {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        abort.abort();
        reject(new FleetError('temporal_unavailable', {}, { cause: new Error(`no answer within ${deadlineMs} ms`) }));
      }, deadlineMs);
    });
    const work = connection.withDeadline(Date.now() + deadlineMs, () => connection.withAbortSignal(abort.signal, call));
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      throw toFleetError(error);
    } finally {
      clearTimeout(timer);
      work.catch(() => undefined);
    }
  };
}

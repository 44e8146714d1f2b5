import type { Socket } from 'node:net';
import { FleetError } from '@fleet/errors';
import postgres from 'postgres';
import { socketFactory, type SocketTarget } from './socket';
import { storeError } from './store-error';

/** Seconds to connect at most. */
export const CONNECT_TIMEOUT_S = 5;
/** Milliseconds after which the server itself gives up on a statement. */
const STATEMENT_TIMEOUT_MS = 8_000;
/** Milliseconds a call takes at most, waiting for a connection included: after the server had its chance to say why. */
const CALL_TIMEOUT_MS = 10_000;
/** Seconds an unused connection is kept. */
const IDLE_TIMEOUT_S = 20;
/** Milliseconds of silence after which a connection is dead: no statement and no idling lasts as long. */
const SILENCE_MS = 25_000;
/** Milliseconds to let running statements end when closing. */
const CLOSE_GRACE_MS = 2_000;

/** The pool, and the one way to query it. */
export interface Database {
  /**
   * Runs one statement (or several in turn) within a deadline, and maps what goes wrong. A statement whose deadline has
   * passed may still take effect: every write of the store is safe to repeat.
   *
   * postgres.js transactions are avoided on purpose: its rollback after a lost connection writes to a socket that is
   * gone, outside of any promise, and ends the process. What must be atomic is one statement with CTEs.
   *
   * @param deadlineMs default 10,000.
   * @throws FleetError `store_unavailable`
   */
  run<T>(work: (sql: postgres.Sql) => PromiseLike<T>, deadlineMs?: number): Promise<T>;
  close(): Promise<void>;
}

/** Options of `openDatabase`. */
export interface DatabaseOptions {
  readonly url: string;
  readonly maxConnections: number;
  readonly onNotice?: (line: string) => void;
}

/** Opens a pool. It connects when first used, and again whenever the server is back. */
export function openDatabase({ url, maxConnections, onNotice }: DatabaseOptions): Database {
  const sockets = socketFactory(SILENCE_MS);
  const options: postgres.Options<{}> & { socket: (target: SocketTarget) => Socket } = {
    max: maxConnections,
    connect_timeout: CONNECT_TIMEOUT_S,
    idle_timeout: IDLE_TIMEOUT_S,
    // The library's own grows to 20 s, in which a server that is back would go unnoticed.
    backoff: (retries: number) => Math.min(0.05 * 2 ** retries, 0.5),
    // Its query for array types is outside of any promise: losing the connection then would end the process.
    fetch_types: false,
    onnotice: (notice) => onNotice?.(notice.message ?? ''),
    onclose: () => sockets.sweep(),
    connection: { application_name: 'temporal-fleet', statement_timeout: STATEMENT_TIMEOUT_MS },
    socket: (target) => sockets.create(target),
  };
  const sql = postgres(url, options);
  return {
    run: (work, deadlineMs = CALL_TIMEOUT_MS) => withDeadline(() => work(sql), deadlineMs),
    async close() {
      await sql.end({ timeout: CLOSE_GRACE_MS / 1000 });
      sockets.sweep(true);
    },
  };
}

async function withDeadline<T>(work: () => PromiseLike<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const cause = new Error(`no answer within ${deadlineMs} ms`);
      reject(new FleetError('store_unavailable', {}, { cause }));
    }, deadlineMs);
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    throw storeError(error);
  } finally {
    clearTimeout(timer);
  }
}

import type { Database } from '../database';
import type { CallKey } from './provider-calls';

const FIRST_POLL_MS = 25;
const LAST_POLL_MS = 250;
/** Milliseconds an outage of Postgres is waited out. */
const PATIENCE_MS = 10_000;

/** How to wait for a call. */
export interface WaitForCallOptions {
  /** Ends the wait: it then throws the signal's reason. */
  readonly signal: AbortSignal;
  /** Milliseconds to wait at most. */
  readonly timeoutMs: number;
}

interface Waiter extends CallKey {
  settle(outcome: string | undefined): void;
  fail(error: unknown): void;
}

interface Found {
  readonly index: number;
  readonly outcome: string | null;
}

/** Those of this process who wait for calls of others. While there are any, one query at a time asks for all of them. */
export function createWaiters(database: Database) {
  const waiting = new Set<Waiter>();
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;
  let asking = false;
  let pauseMs = FIRST_POLL_MS;
  let failingSince: number | undefined;

  /** Brings the next query forward, never puts it off: others may join all the time. */
  function schedule(): void {
    const at = performance.now() + pauseMs;
    if (waiting.size === 0 || asking || at >= due) return;
    clearTimeout(timer);
    timer = setTimeout(() => void poll(), pauseMs);
    due = at;
    pauseMs = Math.min(pauseMs * 1.5, LAST_POLL_MS);
  }

  function rest(): void {
    clearTimeout(timer);
    due = Number.POSITIVE_INFINITY;
    failingSince = undefined;
  }

  async function poll(): Promise<void> {
    asking = true;
    due = Number.POSITIVE_INFINITY;
    const asked = [...waiting];
    try {
      for (const { index, outcome } of await findSettled(database, asked)) asked[index]?.settle(outcome ?? undefined);
      failingSince = undefined;
    } catch (error) {
      failingSince ??= performance.now();
      if (performance.now() - failingSince >= PATIENCE_MS) for (const waiter of asked) waiter.fail(error);
    }
    asking = false;
    schedule();
  }

  return {
    wait: (call: CallKey, { signal, timeoutMs }: WaitForCallOptions) =>
      new Promise<string | undefined>((resolve, reject) => {
        signal.throwIfAborted();
        const leave = () => {
          waiting.delete(waiter);
          clearTimeout(end);
          signal.removeEventListener('abort', abort);
          if (waiting.size === 0) rest();
        };
        const waiter: Waiter = {
          ...call,
          settle(outcome) {
            leave();
            resolve(outcome);
          },
          fail(error) {
            leave();
            reject(error);
          },
        };
        const abort = () => waiter.fail(signal.reason);
        const end = setTimeout(() => waiter.settle(undefined), timeoutMs);
        signal.addEventListener('abort', abort, { once: true });
        waiting.add(waiter);
        pauseMs = FIRST_POLL_MS;
        schedule();
      }),
  };
}

/** The calls that are done, or that nobody has, by their place in the list. */
async function findSettled(database: Database, calls: readonly CallKey[]): Promise<readonly Found[]> {
  const asked = JSON.stringify(calls.map(({ requestId, step }) => [requestId, step]));
  return database.run(
    (sql) => sql<Found[]>`
      with asked as (
        select (place - 1)::integer as index, call ->> 0 as request_id, (call ->> 1)::integer as step
        from jsonb_array_elements(${asked}::text::jsonb) with ordinality as list (call, place)
      )
      select asked.index, calls.outcome from asked
      left join provider_calls as calls on calls.request_id = asked.request_id and calls.step = asked.step
      where calls.outcome is not null or calls.request_id is null or calls.lease_until <= clock_timestamp()`,
  );
}

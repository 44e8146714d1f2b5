import { FleetError } from '@fleet/errors';
import type { Database } from './database';

/** Milliseconds an answer is kept for whoever sends the same request again. */
const ANSWER_MS = 300_000;
/** Milliseconds until a request without an answer is given up: its process died. More than the longest request takes. */
const RUNNING_MS = 360_000;
/** Every so many claims of a process, expired rows are deleted. */
const SWEEP_EVERY = 100;
const SWEEP_ROWS = 500;

/** Where a key counts: each owner and path has keys of its own. */
export interface IdempotencyScope {
  readonly owner: string;
  /** Such as `/v1/chat`. */
  readonly path: string;
  /** The request's Idempotency-Key, at most some 500 characters. */
  readonly key: string;
}

/** A request that comes with a key. */
export interface IdempotentRequest extends IdempotencyScope {
  /** SHA-256 of the body, in hex. */
  readonly bodySha256: string;
  /** The id under which it will run, if it is the first. */
  readonly requestId: string;
}

/** What a claim found. */
export type IdempotencyState =
  | { readonly state: 'new' }
  /** The same request is under way under that id: wait for its workflow. */
  | { readonly state: 'running'; readonly requestId: string }
  | { readonly state: 'done'; readonly requestId: string; readonly status: number; readonly body: string };

/** The answers of requests with an Idempotency-Key, for 5 minutes, whichever gateway is asked. */
export interface Idempotency {
  /**
   * Claims a key: of any number at once exactly one is `new`. A request that is never answered loses its key after 6
   * minutes.
   *
   * @throws FleetError `idempotency_key_reused` when the key came with another body, `store_unavailable`
   */
  claim(request: IdempotentRequest): Promise<IdempotencyState>;
  /**
   * Keeps the answer for 5 minutes from now, unless there is one or the key has gone to another request. Not for 5xx:
   * `forget` them.
   *
   * @throws FleetError `store_unavailable`
   */
  finish(answer: IdempotencyScope & { requestId: string; status: number; body: string }): Promise<void>;
  /** Frees the key of a request without an answer. @throws FleetError `store_unavailable` */
  forget(request: IdempotencyScope & { requestId: string }): Promise<void>;
  /** Deletes expired keys. `claim` does so now and then. @returns how many, `limit` at most. @throws FleetError `store_unavailable` */
  sweep(limit: number): Promise<number>;
}

/** The keys in a database. */
export function idempotencyIn(database: Database): Idempotency {
  let claims = 0;
  return {
    async claim(request) {
      claims += 1;
      // Nobody waits for it, and what it missed the next one finds.
      if (claims % SWEEP_EVERY === 0) sweepKeys(database, SWEEP_ROWS).catch(() => undefined);
      return claimKey(database, request);
    },
    async finish({ owner, path, key, requestId, status, body }) {
      await database.run(
        (sql) => sql`
          update idempotency_keys set status = ${status}, body = ${body},
            expires_at = clock_timestamp() + ${ANSWER_MS} * interval '1 millisecond'
          where owner = ${owner} and path = ${path} and key = ${key} and request_id = ${requestId} and status is null`,
      );
    },
    async forget({ owner, path, key, requestId }) {
      await database.run(
        (sql) => sql`
          delete from idempotency_keys
          where owner = ${owner} and path = ${path} and key = ${key} and request_id = ${requestId} and status is null`,
      );
    },
    sweep: (limit) => sweepKeys(database, limit),
  };
}

interface KeyRow {
  readonly requestId: string;
  readonly bodySha256: string;
  readonly status: number | null;
  readonly body: string | null;
}

async function claimKey(database: Database, request: IdempotentRequest): Promise<IdempotencyState> {
  const { owner, path, key, bodySha256, requestId } = request;
  const taken = await database.run(
    // Waits for another claim that is not committed yet, then looks at the row as it is. The same request id again is the
    // same claim, whose answer was lost on the way.
    (sql) => sql`
      insert into idempotency_keys as keys (owner, path, key, body_sha256, request_id, expires_at)
      values (${owner}, ${path}, ${key}, ${bodySha256}, ${requestId},
        clock_timestamp() + ${RUNNING_MS} * interval '1 millisecond')
      on conflict (owner, path, key) do update set body_sha256 = excluded.body_sha256, request_id = excluded.request_id,
        status = null, body = null, expires_at = excluded.expires_at
      where keys.expires_at <= clock_timestamp() or (keys.request_id = excluded.request_id and keys.status is null)`,
  );
  if (taken.count === 1) return { state: 'new' };
  const [row] = await database.run(
    (sql) => sql<KeyRow[]>`
      select request_id as "requestId", body_sha256 as "bodySha256", status, body from idempotency_keys
      where owner = ${owner} and path = ${path} and key = ${key} and expires_at > clock_timestamp()`,
  );
  // Forgotten or expired between the two statements.
  if (row === undefined) return claimKey(database, request);
  if (row.bodySha256 !== bodySha256) throw new FleetError('idempotency_key_reused', { key });
  const { status, body } = row;
  if (status === null || body === null) return { state: 'running', requestId: row.requestId };
  return { state: 'done', requestId: row.requestId, status, body };
}

async function sweepKeys(database: Database, limit: number): Promise<number> {
  const result = await database.run(
    (sql) => sql`
      delete from idempotency_keys where (owner, path, key) in (
        select owner, path, key from idempotency_keys where expires_at <= clock_timestamp()
        order by expires_at limit ${limit} for update skip locked)`,
  );
  return result.count;
}

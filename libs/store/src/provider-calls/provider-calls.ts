import type postgres from 'postgres';
import type { Database } from '../database';
import { createWaiters, type WaitForCallOptions } from './waiters';

/** Names one call of a provider: the request and the attempt in it. */
export interface CallKey {
  readonly requestId: string;
  /** From 1. */
  readonly step: number;
}

/** A process' claim of a call. */
export interface CallClaim extends CallKey {
  /** A random id of this claim: the same id again is the same claim. */
  readonly holder: string;
}

/** A claim with its lease. */
export interface LeasedCallClaim extends CallClaim {
  /** Milliseconds from now until another may take the call over. */
  readonly leaseMs: number;
}

/** What a claim found. */
export type CallState =
  | { readonly state: 'claimed' }
  /** Another holder has it. */
  | { readonly state: 'held'; readonly leaseEndsInMs: number }
  /** It was made already. `outcome` is JSON text. */
  | { readonly state: 'done'; readonly outcome: string };

/** Calls of providers, each claimed before it is made. All times are the database's. */
export interface ProviderCalls {
  /**
   * Claims a call that nobody has, or whose holder let the lease run out: of any number at once exactly one gets it.
   *
   * @throws FleetError `store_unavailable`
   */
  claim(claim: LeasedCallClaim): Promise<CallState>;
  /** Keeps the lease. False: another holder took the call over, or it is done. @throws FleetError `store_unavailable` */
  renew(claim: LeasedCallClaim): Promise<boolean>;
  /**
   * Stores the outcome unless there is one, whoever holds the call by now: it was paid for.
   *
   * @returns the outcome that counts: the one stored first.
   * @throws FleetError `store_unavailable`
   */
  finish(call: CallClaim & { readonly outcome: string }): Promise<string>;
  /** Gives the claim back: the call was never sent. @throws FleetError `store_unavailable` */
  release(claim: CallClaim): Promise<void>;
  /**
   * Waits for the outcome of a call that another has claimed. One query asks for all that this process waits for.
   *
   * @returns the outcome; undefined when nobody has the call any more (claim it), or the time is over.
   * @throws the signal's reason; FleetError `store_unavailable` after 10 s of it.
   */
  waitFor(call: CallKey, options: WaitForCallOptions): Promise<string | undefined>;
  /** Deletes calls claimed before that and not under way. @returns how many, `limit` at most. @throws FleetError `store_unavailable` */
  sweep(olderThan: Date, limit: number): Promise<number>;
}

/** The calls in a database. */
export function providerCallsIn(database: Database): ProviderCalls {
  const waiters = createWaiters(database);
  return {
    claim: (claim) => claimCall(database, claim),
    async renew({ requestId, step, holder, leaseMs }) {
      const result = await database.run(
        (sql) => sql`
          update provider_calls set lease_until = ${leaseEnd(sql, leaseMs)}
          where request_id = ${requestId} and step = ${step} and holder = ${holder} and outcome is null`,
      );
      return result.count === 1;
    },
    finish: (call) => finishCall(database, call),
    async release({ requestId, step, holder }) {
      await database.run(
        (sql) => sql`
          delete from provider_calls
          where request_id = ${requestId} and step = ${step} and holder = ${holder} and outcome is null`,
      );
    },
    waitFor: (call, options) => waiters.wait(call, options),
    async sweep(olderThan, limit) {
      const result = await database.run(
        (sql) => sql`
          delete from provider_calls where (request_id, step) in (
            select request_id, step from provider_calls
            where created_at < ${olderThan} and (outcome is not null or lease_until < clock_timestamp())
            order by created_at limit ${limit} for update skip locked)`,
      );
      return result.count;
    },
  };
}

async function claimCall(database: Database, claim: LeasedCallClaim): Promise<CallState> {
  const { requestId, step, holder, leaseMs } = claim;
  const taken = await database.run(
    // Waits for another claim that is not committed yet, then looks at the row as it is.
    (sql) => sql`
      insert into provider_calls as calls (request_id, step, holder, lease_until)
      values (${requestId}, ${step}, ${holder}, ${leaseEnd(sql, leaseMs)})
      on conflict (request_id, step) do update set holder = excluded.holder, lease_until = excluded.lease_until
      where calls.outcome is null and (calls.holder = excluded.holder or calls.lease_until <= clock_timestamp())`,
  );
  if (taken.count === 1) return { state: 'claimed' };
  const [row] = await database.run(
    (sql) => sql<{ outcome: string | null; leftMs: number }[]>`
      select outcome, ceil(extract(epoch from lease_until - clock_timestamp()) * 1000)::double precision as "leftMs"
      from provider_calls where request_id = ${requestId} and step = ${step}`,
  );
  if (row?.outcome != null) return { state: 'done', outcome: row.outcome };
  // Given back, or run out, between the two statements.
  if (row === undefined || row.leftMs <= 0) return claimCall(database, claim);
  return { state: 'held', leaseEndsInMs: row.leftMs };
}

async function finishCall(database: Database, call: CallClaim & { readonly outcome: string }): Promise<string> {
  const { requestId, step, holder, outcome } = call;
  const stored = await database.run(
    (sql) => sql`
      insert into provider_calls as calls (request_id, step, holder, lease_until, outcome)
      values (${requestId}, ${step}, ${holder}, clock_timestamp(), ${outcome})
      on conflict (request_id, step) do update set outcome = excluded.outcome where calls.outcome is null`,
  );
  if (stored.count === 1) return outcome;
  const [row] = await database.run(
    (sql) => sql<{ outcome: string }[]>`
      select outcome from provider_calls where request_id = ${requestId} and step = ${step}`,
  );
  // Swept in between: the call is a day old, and this outcome is as good as the one that was there.
  return row?.outcome ?? outcome;
}

function leaseEnd(sql: postgres.Sql, leaseMs: number) {
  return sql`clock_timestamp() + ${leaseMs}::double precision * interval '1 millisecond'`;
}

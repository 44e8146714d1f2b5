import type postgres from 'postgres';
import type { Database } from './database';

/** The channel that is notified when there are new events. */
const CHANNEL = 'fleet_events';

/** One event. */
export interface EventRow {
  /** Its id. Later events have mostly, not always, higher ones: go on with `after` from the last one received. */
  readonly seq: number;
  /** Such as `route_success`, `route_error`, `health_change`. */
  readonly type: string;
  readonly at: Date;
  /** JSON value. */
  readonly data: unknown;
}

/** What happened, for whoever follows it: an outbox, written in the statement that made it happen. */
export interface Events {
  /** Adds an event. @param data JSON value. @returns its `seq`. @throws FleetError `store_unavailable` */
  publish(type: string, data: unknown): Promise<number>;
  /**
   * The events after the one with that `seq`, in one order for every reader; none is skipped, whatever is committed late.
   * Of a `seq` that was pruned: those with a higher one. From 0: all there are.
   *
   * @param limit 1 to 1,000.
   * @throws FleetError `store_unavailable`
   */
  after(seq: number, limit: number): Promise<readonly EventRow[]>;
  /** The `seq` of the newest event, 0 when there is none. @throws FleetError `store_unavailable` */
  last(): Promise<number>;
  /**
   * Calls `onNews` when there may be new events. A hint: while the connection is lost some are missed, so read every few
   * seconds as well.
   *
   * @returns what ends it.
   * @throws FleetError `store_unavailable`
   */
  listen(onNews: () => void): Promise<() => void>;
  /** Deletes events before that. @returns how many, `limit` at most. @throws FleetError `store_unavailable` */
  prune(olderThan: Date, limit: number): Promise<number>;
}

type RawEvent = Omit<EventRow, 'seq' | 'data'> & { readonly seq: string; readonly data: string };

/** The events in a database. */
export function eventsIn(database: Database): Events {
  const listening = listenersIn(database);
  return {
    async publish(type, data) {
      const [row] = await database.run(
        (sql) => sql<[{ seq: string }]>`
          with told as (insert into events (type, data) values (${type}, ${JSON.stringify(data)}) returning seq)
          select seq, ${notify(sql)} from told`,
      );
      return Number(row.seq);
    },
    after: (seq, limit) => readAfter(database, seq, limit),
    async last() {
      const [row] = await database.run(
        (sql) => sql<{ seq: string }[]>`
          select seq from events where ${settled(sql)} order by tx desc, seq desc limit 1`,
      );
      return Number(row?.seq ?? 0);
    },
    async listen(onNews) {
      await listening.start();
      listening.listeners.add(onNews);
      return () => listening.listeners.delete(onNews);
    },
    async prune(olderThan, limit) {
      const result = await database.run(
        (sql) => sql`
          delete from events where seq in (
            select seq from events where at < ${olderThan} order by at limit ${limit} for update skip locked)`,
      );
      return result.count;
    },
  };
}

/**
 * One LISTEN for a process, which lasts until the store closes: after a reconnection the library's own `unlisten` ends
 * nothing any more.
 */
function listenersIn(database: Database) {
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  let started: Promise<unknown> | undefined;
  return {
    listeners,
    async start(): Promise<void> {
      // What was missed while it was not connected is news as well.
      started ??= database.run((sql) => sql.listen(CHANNEL, tell, tell));
      try {
        await started;
      } catch (error) {
        started = undefined;
        throw error;
      }
    },
  };
}

/** Tells those who listen, once the statement is committed. */
export function notify(sql: postgres.Sql) {
  return sql`pg_notify(${CHANNEL}::text, '')`;
}

async function readAfter(database: Database, seq: number, limit: number): Promise<readonly EventRow[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw new RangeError(`limit ${limit} is not 1 to 1000`);
  const rows = await database.run(
    (sql) => sql<RawEvent[]>`
      with cursor as materialized (select tx, seq from events where seq = ${seq} and ${settled(sql)})
      select seq, type, at, data from events
      -- Of a cursor that was pruned, or restored from another server's dump, the transaction is not known: all that is
      -- left is looked through.
      where (tx, seq) > (coalesce((select tx from cursor), '0'), coalesce((select seq from cursor), 0))
        and (exists (select from cursor) or seq > ${seq})
        and ${settled(sql)}
      order by tx, seq limit ${limit}`,
  );
  return rows.map((row) => ({ ...row, seq: Number(row.seq), data: JSON.parse(row.data) as unknown }));
}

/** Nothing that is committed later can come before these. */
function settled(sql: postgres.Sql) {
  return sql`events.tx < pg_snapshot_xmin(pg_current_snapshot())`;
}

import type { Database } from './database';

/** What workflows that ran outside of Temporal have left: their runs, journals and messages. libs/durable-executor writes them. */
export interface Journals {
  /**
   * Deletes workflows whose runs have all ended before that time, with everything that was kept of them. A child of a run
   * that is still under way stays: the parent may have to find its result again.
   *
   * @returns how many runs went, `limit` at most. @throws FleetError `store_unavailable`
   */
  prune(endedBefore: Date, limit: number): Promise<number>;
}

/** Those in a database. */
export function journalsIn(database: Database): Journals {
  return {
    async prune(endedBefore, limit) {
      const [row] = await database.run(
        // What ended before then was created before then, and that is what there is an index of.
        (sql) => sql<[{ runs: number }]>`
          with gone as materialized (
            select r.run_id, r.workflow_id from durable_runs r
            where r.created_at < ${endedBefore} and r.closed_at < ${endedBefore} and r.status <> 'running'
              and not exists (
                select from durable_runs o where o.workflow_id = r.workflow_id
                  and (o.status = 'running' or o.closed_at is null or o.closed_at >= ${endedBefore}))
              and not exists (select from durable_runs p where p.run_id = r.parent_run_id and p.status = 'running')
            order by r.created_at limit ${limit} for update of r skip locked
          ), entries as (
            delete from durable_entries where run_id in (select run_id from gone)
          ), messages as (
            delete from durable_messages where workflow_id in (select workflow_id from gone)
          ), runs as (
            delete from durable_runs where run_id in (select run_id from gone)
          )
          select count(*)::integer as runs from gone`,
      );
      return row.runs;
    },
  };
}

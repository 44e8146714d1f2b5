import type { Database } from '@fleet/store/database';
import type { Append, NewRun } from '../journal-store';
import { newRunRow } from './postgres-rows';

/** Records new runs. @returns whether each was recorded: false when its id is taken. */
export async function insertRuns(database: Database, host: string, runs: readonly NewRun[]): Promise<boolean[]> {
  const rows = await database.run(
    (sql) => sql<{ run_id: string }[]>`
      insert into durable_runs (run_id, workflow_id, ordinal, workflow, owner, status, input, carried, parent_run_id, timeout_at, host)
      select n.run_id, n.workflow_id, n.ordinal, n.workflow, n.owner, 'running', n.input, n.carried, n.parent_run_id, n.timeout_at, ${host}
      from json_to_recordset(${JSON.stringify(runs.map(newRunRow))}::text::json) as n(
        run_id text, workflow_id text, ordinal integer, workflow text, owner text, input text, carried text,
        parent_run_id text, timeout_at double precision)
      on conflict do nothing
      returning run_id`,
  );
  const made = new Set(rows.map(({ run_id: runId }) => runId));
  return runs.map(({ runId }) => made.has(runId));
}

/**
 * Writes the journals of any number of runs in one statement, each only if it is still the host's under its fence. Written
 * again, it finds its own rows and changes nothing.
 *
 * @returns whether each was written.
 */
export async function writeAppends(database: Database, host: string, appends: readonly Append[]): Promise<boolean[]> {
  const { batch, entries, messages, next } = parametersOf(appends);
  const rows = await database.run(
    (sql) => sql<{ run_id: string }[]>`
      with batch as (
        select * from json_to_recordset(${batch}::text::json) as b(
          run_id text, fence integer, status text, output text, failure text, continued_as text)
      ), owned as materialized (
        -- Looked up one by one: planned while the table was small, a join would go on reading all of it.
        select r.run_id from batch b cross join lateral (
          select run_id from durable_runs
          where run_id = b.run_id and host = ${host} and fence = b.fence and (status = 'running' or status = b.status)
          for no key update
        ) r
      ), entered as (
        insert into durable_entries (run_id, number, type, operation, name, at, value, detail)
        select e.* from json_to_recordset(${entries}::text::json) as e(
          run_id text, number integer, type text, operation integer, name text, at double precision, value text, detail text)
        join owned using (run_id)
        on conflict do nothing
      ), said as (
        select * from json_to_recordset(${messages}::text::json) as s(run_id text, message_id bigint, outcome text)
      ), answered as (
        update durable_messages m set consumed = true, outcome = coalesce(s.outcome, m.outcome)
        from said s join owned using (run_id)
        where m.message_id = any (array(select message_id from said)) and m.message_id = s.message_id
      ), closed as (
        update durable_runs r
        set status = b.status, output = b.output, failure = b.failure, continued_as = b.continued_as,
          closed_at = clock_timestamp(), version = r.version + 1
        from batch b
        where r.run_id = any (array(select run_id from owned)) and b.run_id = r.run_id and b.status is not null
          and r.status = 'running'
      ), continued as (
        insert into durable_runs (run_id, workflow_id, ordinal, workflow, owner, status, input, carried, parent_run_id, timeout_at, host)
        select n.run_id, n.workflow_id, n.ordinal, n.workflow, n.owner, 'running', n.input, n.carried, n.parent_run_id, n.timeout_at, ${host}
        from json_to_recordset(${next}::text::json) as n(
          previous text, run_id text, workflow_id text, ordinal integer, workflow text, owner text, input text, carried text,
          parent_run_id text, timeout_at double precision)
        join owned on owned.run_id = n.previous
        on conflict do nothing
      )
      select run_id from owned`,
  );
  const written = new Set(rows.map(({ run_id: runId }) => runId));
  return appends.map(({ runId }) => written.has(runId));
}

function parametersOf(appends: readonly Append[]) {
  const batch = appends.map(({ runId, fence, closing }) => ({
    run_id: runId,
    fence,
    status: closing?.status,
    output: closing?.output,
    failure: closing?.failure && JSON.stringify(closing.failure),
    continued_as: closing?.next?.runId,
  }));
  const entries = appends.flatMap(({ runId, entries: own }) => own.map((entry) => ({ run_id: runId, ...entry })));
  const messages = appends.flatMap(({ runId, consumed, outcomes }) => [
    ...outcomes.map(({ messageId, outcome }) => ({
      run_id: runId,
      message_id: messageId,
      outcome: JSON.stringify(outcome),
    })),
    // An update that is taken and answered in one write has one row only.
    ...consumed
      .filter((messageId) => !outcomes.some((answer) => answer.messageId === messageId))
      .map((messageId) => ({ run_id: runId, message_id: messageId })),
  ]);
  const next = appends.flatMap(({ runId, closing }) =>
    closing?.next ? [{ previous: runId, ...newRunRow(closing.next) }] : [],
  );
  return {
    batch: JSON.stringify(batch),
    entries: JSON.stringify(entries),
    messages: JSON.stringify(messages),
    next: JSON.stringify(next),
  };
}

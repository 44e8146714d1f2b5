import type { Database } from '@fleet/store/database';
import { FleetError } from '@fleet/errors';
import type postgres from 'postgres';
import type { WorkflowStatus } from '../executor';
import type { NewMessage, StoredMessage, UpdateOutcome } from '../journal-store';
import { messageOf, type MessageRow } from './postgres-rows';

/** Channel on which a host is told of messages for its runs. */
export function channelOf(host: string): string {
  return `durable_${host}`;
}

interface Target {
  readonly id: string;
  readonly runId?: string;
}

interface SendRow extends MessageRow {
  readonly status: WorkflowStatus;
  readonly target_run_id: string;
}

/** Records a message for a running run, and tells its host when that is another one. */
export async function sendMessage(
  database: Database,
  target: Target,
  message: NewMessage,
  host: string,
): Promise<StoredMessage & { readonly outcome?: UpdateOutcome }> {
  for (;;) {
    const row = await (message.kind === 'terminate' ? terminate : insert)(database, target, message, host);
    if (row === undefined) throw new FleetError('job_not_found', { id: target.id });
    if (row.message_id !== null) return messageOf({ ...row, run_id: row.target_run_id });
    // It went on in another run, or the same update was being recorded by somebody else, while this statement waited.
    const moved = row.status === 'continued_as_new' && target.runId === undefined;
    if (row.status !== 'running' && !moved) throw new FleetError('job_closed', { id: target.id, status: row.status });
  }
}

async function insert(database: Database, target: Target, message: NewMessage, host: string) {
  const { id, runId = null } = target;
  const { kind, name, value = null, senderId, sentAt, updateId = null } = message;
  const [row] = await database.run(
    (sql) => sql<SendRow[]>`
      with target as materialized (
        ${latestRun(sql, target)} for share
      ), known as (
        select * from durable_messages where workflow_id = ${id} and update_id = ${updateId}::text
      ), sent as (
        insert into durable_messages (workflow_id, run_id, kind, name, value, sender_id, sent_at, update_id)
        select ${id}, ${runId}::text, ${kind}, ${name}, ${value}::text, ${senderId}, ${sentAt}, ${updateId}::text
        from target where status = 'running' and not exists (select from known)
        on conflict do nothing
        returning *
      )
      select ${answer(sql, host)}
      from target t left join (select * from sent union all select * from known) m on true`,
  );
  return row;
}

/** The run that a message is for: the one named, or the latest. */
function latestRun(sql: postgres.Sql, target: Target) {
  const { id, runId = null } = target;
  return sql`
    select run_id, status, host from durable_runs
    where workflow_id = ${id} and (${runId}::text is null or run_id = ${runId})
    order by ordinal desc limit 1`;
}

/** The message m, the run t it is for, and a word to the host of that run when it is not this one. */
function answer(sql: postgres.Sql, host: string) {
  return sql`m.*, t.status, t.run_id as target_run_id,
    case when t.host <> ${host} then pg_notify('durable_' || t.host, m.message_id::text) end`;
}

async function terminate(database: Database, target: Target, message: NewMessage, host: string) {
  const failure = JSON.stringify({ type: 'workflow_terminated', message: message.name, retryable: false });
  const [row] = await database.run(
    (sql) => sql<SendRow[]>`
      with target as materialized (
        ${latestRun(sql, target)} for no key update
      ), ended as (
        update durable_runs r
        set status = 'terminated', failure = ${failure}, closed_at = clock_timestamp(), version = r.version + 1
        from target t where r.run_id = t.run_id and t.status = 'running'
      ), sent as (
        insert into durable_messages (workflow_id, run_id, kind, name, sender_id, sent_at)
        select ${target.id}, run_id, 'terminate', ${message.name}, ${message.senderId}, ${message.sentAt}
        from target where status = 'running'
        returning *
      )
      select ${answer(sql, host)}
      from target t left join sent m on true`,
  );
  return row;
}

/** A sign of life. @returns messages that wait for runs of the host; the end of a run is told for a minute. */
export async function beat(database: Database, host: string, leaseMs: number): Promise<StoredMessage[]> {
  const rows = await database.run(
    (sql) => sql<MessageRow[]>`
      with alive as (
        insert into durable_hosts (host, lease_until) values (${host}, now() + ${leaseMs} * interval '1 millisecond')
        on conflict (host) do update set lease_until = excluded.lease_until
      ), buried as (
        delete from durable_hosts where lease_until < now() - interval '1 day'
      )
      select m.message_id, m.workflow_id, r.run_id, m.kind, m.name, m.value, m.sender_id, m.sent_at, m.update_id, m.outcome
      from durable_messages m join durable_runs r on r.workflow_id = m.workflow_id and coalesce(m.run_id, r.run_id) = r.run_id
      where not m.consumed and r.host = ${host}
        and (r.status = 'running' or (m.kind = 'terminate' and m.created_at > now() - interval '1 minute'))
      order by m.message_id`,
  );
  return rows.map(messageOf);
}

/** Messages that wait for a run, oldest first. */
export async function waitingMessages(database: Database, workflowId: string, runId: string): Promise<StoredMessage[]> {
  const rows = await database.run(
    (sql) => sql<MessageRow[]>`
      select message_id, workflow_id, ${runId}::text as run_id, kind, name, value, sender_id, sent_at, update_id, outcome
      from durable_messages
      where workflow_id = ${workflowId} and not consumed and coalesce(run_id, ${runId}) = ${runId}
      order by message_id`,
  );
  return rows.map(messageOf);
}

/** A message by its id, with the run of the workflow that has it now; undefined when it was consumed. */
export async function findMessage(database: Database, messageId: string): Promise<StoredMessage | undefined> {
  const [row] = await database.run(
    (sql) => sql<MessageRow[]>`
      select m.message_id, m.workflow_id, coalesce(m.run_id, r.run_id) as run_id, m.kind, m.name, m.value, m.sender_id,
        m.sent_at, m.update_id, m.outcome
      from durable_messages m join durable_runs r using (workflow_id)
      where m.message_id = ${messageId} and not m.consumed
      order by r.ordinal desc limit 1`,
  );
  return row && messageOf(row);
}

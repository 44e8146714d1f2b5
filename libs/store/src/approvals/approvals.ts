import { FleetError } from '@fleet/errors';
import type { Database } from '../database';
import { newId } from '../ids';
import { listApprovals, listPending, type ApprovalCursor, type ApprovalFilter, type PendingApproval } from './list';
import {
  approvalColumns,
  toApproval,
  type ApprovalRow,
  type AuditRow,
  type NewApproval,
  type RawApproval,
  type SettledOutcome,
} from './row';

/** What people are asked to decide. It outlives every process: the workflow that waits is as durable as this. */
export interface Approvals {
  /**
   * Opens a request and notes it in the audit log, in one statement, or gives back the one opened with this key.
   *
   * @throws FleetError `store_unavailable`
   */
  open(approval: NewApproval): Promise<ApprovalRow>;
  /**
   * Writes down how a request was settled: its row and its line of the audit log in one statement. The same outcome again
   * changes nothing.
   *
   * @throws FleetError `approval_settled` when it was settled otherwise, `approval_not_found`, `store_unavailable`
   */
  settle(id: string, outcome: SettledOutcome): Promise<ApprovalRow>;
  /** @throws FleetError `approval_not_found`, `store_unavailable` */
  get(id: string): Promise<ApprovalRow>;
  /** Newest first. @param limit 1 to 201. @throws FleetError `store_unavailable` */
  list(filter: ApprovalFilter, limit: number): Promise<readonly ApprovalRow[]>;
  /**
   * What nobody has settled yet, newest first, with what this database knows of the run that waits.
   *
   * @param limit 1 to 201. @throws FleetError `store_unavailable`
   */
  listPending(after: ApprovalCursor | undefined, limit: number): Promise<readonly PendingApproval[]>;
  /** The audit log of one request, oldest first. @throws FleetError `store_unavailable` */
  audit(id: string): Promise<readonly AuditRow[]>;
}

/** The requests in a database. */
export function approvalsIn(database: Database): Approvals {
  return {
    open: (approval) => openApproval(database, approval),
    settle: (id, outcome) => settleApproval(database, id, outcome),
    get: (id) => getApproval(database, id),
    list: (filter, limit) => listApprovals(database, filter, limit),
    listPending: (after, limit) => listPending(database, after, limit),
    audit: (id) => readAudit(database, id),
  };
}

async function openApproval(database: Database, approval: NewApproval): Promise<ApprovalRow> {
  const { key, workflowId, runId, owner, type, action, summary, timeoutMs } = approval;
  const { payload, confidence = null, risk = null } = approval;
  const json = payload === undefined ? null : JSON.stringify(payload);
  const detail = JSON.stringify({ type, action, summary, workflowId, confidence, risk, timeoutMs });
  const [row] = await database.run(
    (sql) => sql<[RawApproval]>`
      with opened as (
        insert into approvals (id, key, workflow_id, run_id, owner, type, action, summary, payload, confidence, risk,
          expires_at)
        values (${newId('apr')}, ${key}, ${workflowId}, ${runId}, ${owner}, ${type}, ${action}, ${summary}, ${json},
          ${confidence}, ${risk}, clock_timestamp() + ${timeoutMs} * interval '1 millisecond')
        -- Changes nothing; it makes the statement return the row that was there first.
        on conflict (owner, key) do update set key = excluded.key
        returning *
      ), noted as (
        insert into approval_audit (approval_id, event, actor, status, detail)
        select id, 'requested', owner, 'pending', ${detail} from opened
        on conflict do nothing
      )
      select ${approvalColumns(sql)} from opened`,
  );
  return toApproval(row);
}

async function settleApproval(database: Database, id: string, outcome: SettledOutcome): Promise<ApprovalRow> {
  const { status, by, decidedAt } = outcome;
  const json = JSON.stringify(outcome);
  const [row] = await database.run(
    (sql) => sql<RawApproval[]>`
      with settled as (
        update approvals set status = ${status}, outcome = ${json}, closed_at = ${new Date(decidedAt)}
        where id = ${id} and status = 'pending'
        returning *
      ), noted as (
        insert into approval_audit (approval_id, event, actor, status, detail)
        select id, 'settled', ${by}, status, outcome from settled
      )
      select ${approvalColumns(sql)} from settled`,
  );
  if (row !== undefined) return toApproval(row);
  const earlier = await getApproval(database, id);
  if (JSON.stringify(earlier.outcome) === json) return earlier;
  throw new FleetError('approval_settled', { id, status: earlier.status, by: earlier.outcome?.by ?? 'nobody' });
}

async function getApproval(database: Database, id: string): Promise<ApprovalRow> {
  const [row] = await database.run(
    (sql) => sql<RawApproval[]>`select ${approvalColumns(sql)} from approvals where id = ${id}`,
  );
  if (row === undefined) throw new FleetError('approval_not_found', { id });
  return toApproval(row);
}

async function readAudit(database: Database, id: string): Promise<readonly AuditRow[]> {
  const rows = await database.run(
    (sql) => sql<(Omit<AuditRow, 'detail'> & { detail: string })[]>`
      select approval_id as "approvalId", event, actor, status, detail, at from approval_audit
      where approval_id = ${id} order by at, event`,
  );
  return rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) as unknown }));
}

import type { Database } from '../database';
import { approvalColumns, toApproval, type ApprovalRow, type ApprovalStatus, type RawApproval } from './row';

/** Where a page of the list ended. */
export interface ApprovalCursor {
  readonly createdAt: Date;
  readonly id: string;
}

/** What the list is narrowed to; what is left out does not narrow. */
export interface ApprovalFilter {
  readonly status?: ApprovalStatus | undefined;
  readonly type?: ApprovalRow['type'] | undefined;
  readonly owner?: string | undefined;
  readonly workflowId?: string | undefined;
  readonly after?: ApprovalCursor | undefined;
}

/** A request that is open, and the run that waits for it. */
export interface PendingApproval {
  readonly approval: ApprovalRow;
  /** How the run stands when the local executor has it in this database; null when it does not. */
  readonly localStatus: string | null;
}

/** The requests that fit, newest first. */
export async function listApprovals(
  database: Database,
  filter: ApprovalFilter,
  limit: number,
): Promise<readonly ApprovalRow[]> {
  requireLimit(limit);
  const { status, type, owner, workflowId, after } = filter;
  const rows = await database.run((sql) => {
    const narrowed = [
      status === undefined ? sql`` : sql`and status = ${status}`,
      type === undefined ? sql`` : sql`and type = ${type}`,
      owner === undefined ? sql`` : sql`and owner = ${owner}`,
      workflowId === undefined ? sql`` : sql`and workflow_id = ${workflowId}`,
      after === undefined ? sql`` : sql`and (created_at, id) < (${after.createdAt}, ${after.id})`,
    ];
    return sql<RawApproval[]>`
      select ${approvalColumns(sql)} from approvals
      where true ${narrowed}
      order by created_at desc, id desc
      limit ${limit}`;
  });
  return rows.map(toApproval);
}

/** The open requests, newest first. */
export async function listPending(
  database: Database,
  after: ApprovalCursor | undefined,
  limit: number,
): Promise<readonly PendingApproval[]> {
  requireLimit(limit);
  const rows = await database.run((sql) => {
    const narrowed = after === undefined ? sql`` : sql`and (created_at, id) < (${after.createdAt}, ${after.id})`;
    return sql<(RawApproval & { localStatus: string | null })[]>`
      select ${approvalColumns(sql)},
        (select r.status from durable_runs r where r.run_id = approvals.run_id) as "localStatus"
      from approvals
      where status = 'pending' ${narrowed}
      order by created_at desc, id desc
      limit ${limit}`;
  });
  return rows.map(({ localStatus, ...raw }) => ({ approval: toApproval(raw), localStatus }));
}

function requireLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > 201) throw new RangeError(`limit ${limit} is not 1 to 201`);
}

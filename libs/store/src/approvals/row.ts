import type postgres from 'postgres';

/** Where a request stands. All but `pending` are final. */
export type ApprovalStatus = 'pending' | 'approved' | 'rejected' | 'modified' | 'timed_out' | 'canceled';

/** A request as it is opened. */
export interface NewApproval {
  /** Idempotency key, unique for each owner: opening again with the same key changes nothing. */
  readonly key: string;
  /** The workflow that waits, and its run. */
  readonly workflowId: string;
  readonly runId: string;
  readonly owner: string;
  readonly type: 'approval' | 'feedback' | 'input' | 'annotation';
  /** What policies match. */
  readonly action: string;
  readonly summary: string;
  /** JSON value: what is asked about. */
  readonly payload?: unknown;
  /** 0 to 1. */
  readonly confidence?: number | undefined;
  readonly risk?: 'low' | 'medium' | 'high' | 'critical' | undefined;
  /** Milliseconds from now until it is settled by time. */
  readonly timeoutMs: number;
}

/** How a request was settled, as the workflow that waited for it says it. Kept as it is, further fields included. */
export interface SettledOutcome {
  readonly status: Exclude<ApprovalStatus, 'pending'>;
  /** Principal, policy rule or clock that settled it. */
  readonly by: string;
  /** Epoch milliseconds. */
  readonly decidedAt: number;
}

/** One request. */
export interface ApprovalRow<Outcome extends SettledOutcome = SettledOutcome> {
  /** `apr_` and 20 characters. */
  readonly id: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly owner: string;
  readonly type: NewApproval['type'];
  readonly action: string;
  readonly summary: string;
  readonly payload: unknown;
  readonly confidence: number | null;
  readonly risk: NonNullable<NewApproval['risk']> | null;
  readonly status: ApprovalStatus;
  /** Null while pending. */
  readonly outcome: Outcome | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly closedAt: Date | null;
}

/** One line of the audit log. */
export interface AuditRow {
  readonly approvalId: string;
  readonly event: 'requested' | 'settled';
  /** Who did it: the owner who asked, the principal, rule or clock that settled it. */
  readonly actor: string;
  readonly status: ApprovalStatus;
  /** JSON value: what was asked, or the outcome. */
  readonly detail: unknown;
  readonly at: Date;
}

/** A row as the columns have it: JSON is text. */
export type RawApproval = Omit<ApprovalRow, 'payload' | 'outcome'> & {
  readonly payload: string | null;
  readonly outcome: string | null;
};

/** The columns of a RawApproval. */
export function approvalColumns(sql: postgres.Sql) {
  return sql`id, workflow_id as "workflowId", run_id as "runId", owner, type, action, summary, payload, confidence, risk,
    status, outcome, created_at as "createdAt", expires_at as "expiresAt", closed_at as "closedAt"`;
}

/** The row with its JSON read. */
export function toApproval(raw: RawApproval): ApprovalRow {
  const { payload, outcome } = raw;
  return {
    ...raw,
    payload: payload === null ? null : (JSON.parse(payload) as unknown),
    outcome: outcome === null ? null : (JSON.parse(outcome) as SettledOutcome),
  };
}

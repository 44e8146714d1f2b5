/** What is asked of a person: leave to act, an opinion, a value, or notes on what is there. */
export type ApprovalType = 'approval' | 'feedback' | 'input' | 'annotation';

/** How bad it would be if the answer were wrong. */
export type Risk = 'low' | 'medium' | 'high' | 'critical';

export interface ApprovalInput {
  /** Default `approval`. */
  readonly type?: ApprovalType | undefined;
  /** What is to be done, in words that policies match by glob, such as `tool.httpGet` or `payments.refund`. */
  readonly action: string;
  /** One line for the person who decides. */
  readonly summary: string;
  /** JSON value: what is asked about; what `modify` replaces. */
  readonly payload?: unknown;
  /** How sure the asker is, 0 to 1. Without it no rule that wants some is met. */
  readonly confidence?: number | undefined;
  /** Without it no rule that limits it is met. */
  readonly risk?: Risk | undefined;
  /** Milliseconds until it is settled by time. Default 300,000, 5 minutes. */
  readonly timeoutMs?: number | undefined;
}

/** What a person decides. */
export interface Decision {
  readonly decision: 'approve' | 'reject' | 'modify';
  /** The principal who decides. */
  readonly by: string;
  readonly comment?: string | undefined;
  /** JSON value: what replaces the payload, or what was asked for. */
  readonly value?: unknown;
}

/** Who or what settled a request. */
export type SettledVia = 'human' | 'policy' | 'timeout' | 'cancellation';

/** How a request was settled: the same in the workflow's result, the row of the request and the audit log. */
export interface ApprovalOutcome {
  readonly approvalId: string;
  readonly status: 'approved' | 'rejected' | 'modified' | 'timed_out' | 'canceled';
  readonly via: SettledVia;
  /** The principal, the name of the rule, or `timeout`, `cancellation` or `termination`. */
  readonly by: string;
  /** Epoch milliseconds by the workflow's clock. */
  readonly decidedAt: number;
  readonly comment?: string | undefined;
  readonly value?: unknown;
}

/**
 * The outcome of a request whose workflow ended without settling it: one that ends by itself settles it first, one that was
 * terminated or timed out cannot.
 *
 * @param now Epoch milliseconds.
 */
export function terminatedOutcome(approvalId: string, now: number): ApprovalOutcome {
  return { approvalId, status: 'canceled', via: 'cancellation', by: 'termination', decidedAt: now };
}

export interface SettleAbandonedApprovalsOutput {
  /** Requests that were open, although nobody waited any more. */
  readonly settled: number;
}

/** Longest time a request may wait, milliseconds: 30 days. */
export const LONGEST_APPROVAL_MS = 30 * 86_400_000;
/** The update that decides. */
export const DECIDE_UPDATE = 'decide';

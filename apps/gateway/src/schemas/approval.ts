import type { ApprovalRow, AuditRow } from '@fleet/store';
import { z } from 'zod';
import { timestamp } from './timestamp';

/** Every status a request can have. */
export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected', 'modified', 'timed_out', 'canceled'] as const;
/** Everything that can be asked of a person. */
export const APPROVAL_TYPES = ['approval', 'feedback', 'input', 'annotation'] as const;

const json = z.unknown();
const statusSchema = z.enum(APPROVAL_STATUSES);

const outcomeSchema = z.object({
  status: statusSchema,
  via: z.enum(['human', 'policy', 'timeout', 'cancellation']),
  by: z.string().describe('The principal, the name of the rule, timeout or cancellation.'),
  comment: z.string().nullable(),
  value: json.describe('What replaces the payload, or what was asked for; else null.'),
  decided_at: timestamp,
});

export const approvalSchema = z.object({
  id: z.string(),
  workflow_id: z.string().describe('The workflow that waits.'),
  run_id: z.string(),
  owner: z.string(),
  type: z.enum(APPROVAL_TYPES),
  action: z.string().describe('What policies match.'),
  summary: z.string(),
  payload: json,
  confidence: z.number().nullable(),
  risk: z.enum(['low', 'medium', 'high', 'critical']).nullable(),
  status: statusSchema,
  outcome: outcomeSchema.nullable().describe('Null while pending.'),
  created_at: timestamp,
  expires_at: timestamp,
});

export const approvalPageSchema = z.object({
  approvals: z.array(approvalSchema),
  next_cursor: z.string().nullable(),
});

export const approvalDetailsSchema = approvalSchema.extend({
  audit: z.array(
    z.object({
      event: z.enum(['requested', 'settled']),
      actor: z.string(),
      status: statusSchema,
      detail: json,
      at: timestamp,
    }),
  ),
});

export const decisionSchema = z.strictObject({
  decision: z.enum(['approve', 'reject', 'modify']),
  comment: z.string().trim().min(1).max(2000).optional(),
  value: z
    .unknown()
    .optional()
    .describe('For modify: what replaces the payload. For input and annotation: what was asked for.'),
});

/** Optional fields of an outcome, which the store keeps as it was given them. */
type Outcome = NonNullable<ApprovalRow['outcome']> & {
  readonly via?: z.infer<typeof outcomeSchema>['via'];
  readonly comment?: string;
  readonly value?: unknown;
};

/** A request as it is shown. */
export function toApproval(row: ApprovalRow): z.infer<typeof approvalSchema> {
  const { id, workflowId, runId, owner, type, action, summary, payload, confidence, risk, status, outcome } = row;
  return {
    id,
    workflow_id: workflowId,
    run_id: runId,
    owner,
    type,
    action,
    summary,
    payload,
    confidence,
    risk,
    status,
    outcome: outcome && toOutcome(outcome),
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
  };
}

/** A request with its audit log. */
export function toApprovalDetails(row: ApprovalRow, audit: readonly AuditRow[]): z.infer<typeof approvalDetailsSchema> {
  const lines = audit.map(({ event, actor, status, detail, at }) => ({
    event,
    actor,
    status,
    detail,
    at: at.toISOString(),
  }));
  return { ...toApproval(row), audit: lines };
}

function toOutcome({ status, via = 'human', by, comment, value, decidedAt }: Outcome): z.infer<typeof outcomeSchema> {
  const decided_at = new Date(decidedAt).toISOString();
  return { status, via, by, comment: comment ?? null, value: value ?? null, decided_at };
}

import { FleetError, type FieldError } from '@fleet/errors';
import type { ApprovalOutcome, ApprovalType, Decision } from '@fleet/workflow-registry/messages';

/** What a person says and what becomes of the request. */
export const STATUS_OF = {
  approve: 'approved',
  reject: 'rejected',
  modify: 'modified',
} as const satisfies Record<Decision['decision'], ApprovalOutcome['status']>;

/**
 * Refuses a decision that does not answer what was asked: `modify` says what to replace it with, feedback is words, and
 * input and annotations are values, unless they are refused.
 *
 * @throws FleetError `invalid_input` with every field that is wrong.
 */
export function requireFitting(type: ApprovalType, { decision, by, comment, value }: Decision): void {
  const fields: FieldError[] = [];
  if (!Object.hasOwn(STATUS_OF, decision))
    fields.push({ field: 'decision', rule: 'must be approve, reject or modify', got: decision });
  if (typeof by !== 'string' || by === '') fields.push({ field: 'by', rule: 'must be who decides', got: by });
  const wantsValue = decision === 'modify' || (decision === 'approve' && (type === 'input' || type === 'annotation'));
  if (wantsValue && value === undefined)
    fields.push({ field: 'value', rule: `is required to ${decision} a request of type ${type}` });
  if (type === 'feedback' && decision === 'approve' && !comment)
    fields.push({ field: 'comment', rule: 'is required: it is what was asked for' });
  if (fields.length > 0) throw new FleetError('invalid_input', { count: fields.length }, { fields });
}

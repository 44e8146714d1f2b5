import { FleetError } from '@fleet/errors';
import type { WorkflowTarget } from './executor';

const RULE = 'must be 1 to 200 characters, none of them a control character';
const USABLE = /^[^\p{Cc}]{1,200}$/u;

/** The two parts of a target. @throws FleetError `invalid_input` */
export function targetOf(target: WorkflowTarget): { readonly id: string; readonly runId?: string } {
  const parts = typeof target === 'string' ? { id: target } : target;
  requireId(parts.id);
  return parts;
}

/** @throws FleetError `invalid_input` */
export function requireId(id: string): void {
  requireText('id', id);
}

/** @throws FleetError `invalid_input` */
export function requireOwner(owner: string): void {
  requireText('owner', owner);
}

function requireText(field: string, text: string): void {
  if (USABLE.test(text)) return;
  throw new FleetError('invalid_input', { count: 1 }, { fields: [{ field, rule: RULE, got: text.slice(0, 200) }] });
}

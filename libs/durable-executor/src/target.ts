import { FleetError } from '@fleet/errors';
import type { WorkflowTarget } from './executor';

const RULE = 'must be 1 to 200 characters, none of them a control character or half of one';
// Half a surrogate pair is no character: a database refuses it or stores another one.
const USABLE = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

/** The two parts of a target. @throws FleetError `invalid_input` */
export function targetOf(target: WorkflowTarget): { readonly id: string; readonly runId?: string } {
  const parts = typeof target === 'object' && target !== null ? target : { id: target };
  requireId(parts.id);
  if (parts.runId !== undefined) requireText('runId', parts.runId);
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

/** True for what can be an id. */
export function isUsable(text: unknown): boolean {
  return typeof text === 'string' && USABLE.test(text);
}

function requireText(field: string, text: unknown): void {
  if (isUsable(text)) return;
  const got = typeof text === 'string' ? text.slice(0, 200) : typeof text;
  throw new FleetError('invalid_input', { count: 1 }, { fields: [{ field, rule: RULE, got }] });
}

import { FleetError } from '@fleet/errors';
import type { ApprovalCursor } from '@fleet/store';

/** Where a page ended, as text that callers hand back as it is. */
export function toCursor({ createdAt, id }: ApprovalCursor): string {
  return Buffer.from(JSON.stringify([createdAt.getTime(), id])).toString('base64url');
}

/** @throws FleetError `invalid_input` for a text that is no cursor of ours. */
export function fromCursor(text: string): ApprovalCursor {
  try {
    const [time, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [unknown, unknown];
    const createdAt = new Date(Number(time));
    if (typeof id === 'string' && typeof time === 'number' && !Number.isNaN(createdAt.getTime()))
      return { createdAt, id };
  } catch {
    // Told below, like any other text.
  }
  const fields = [{ field: 'cursor', rule: 'must be the next_cursor of an answer', got: text.slice(0, 200) }];
  throw new FleetError('invalid_input', { count: 1 }, { fields });
}

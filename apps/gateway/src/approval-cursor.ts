import type { ApprovalCursor, ApprovalFilter } from '@fleet/store';
import { fromCursor, toCursor } from '@fleet/temporal-client/server';

/** Epoch milliseconds and id of the last one of a page. */
type Position = readonly [number, string];

/** Where a page ended, as text that is good for the same list only. */
export function cursorAfter(list: ApprovalFilter, { createdAt, id }: ApprovalCursor): string {
  return toCursor(list, [createdAt.getTime(), id] satisfies Position);
}

/** @throws FleetError `invalid_input` for a text that is no cursor of this list. */
export function positionOf(list: ApprovalFilter, cursor: string | undefined): ApprovalCursor | undefined {
  const position = fromCursor(list, cursor, isPosition);
  return position && { createdAt: new Date(position[0]), id: position[1] };
}

function isPosition(value: unknown): value is Position {
  return Array.isArray(value) && Number.isSafeInteger(value[0]) && typeof value[1] === 'string';
}

import { fromCursor, toCursor } from '@fleet/temporal-client/server';

/** Where a page of rows, newest first, ended. */
export interface RowCursor {
  readonly createdAt: Date;
  readonly id: string;
}

/** Epoch milliseconds and id of the last one of a page. */
type Position = readonly [number, string];

/** Where a page ended, as text that is good for the same list only: the same filter. */
export function cursorAfter(list: object, { createdAt, id }: RowCursor): string {
  return toCursor(list, [createdAt.getTime(), id] satisfies Position);
}

/** @throws FleetError `invalid_input` for a text that is no cursor of this list. */
export function positionOf(list: object, cursor: string | undefined): RowCursor | undefined {
  const position = fromCursor(list, cursor, isPosition);
  return position && { createdAt: new Date(position[0]), id: position[1] };
}

/** A page of rows of which one more than asked for was read, which tells whether there is another page. */
export function pageOf<Row extends RowCursor>(
  list: object,
  rows: readonly Row[],
  limit: number,
): { readonly page: readonly Row[]; readonly nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, nextCursor: rows.length > limit && last ? cursorAfter(list, last) : null };
}

function isPosition(value: unknown): value is Position {
  return Array.isArray(value) && Number.isSafeInteger(value[0]) && typeof value[1] === 'string';
}

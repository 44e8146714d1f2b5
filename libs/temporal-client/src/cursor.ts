import { createHash } from 'node:crypto';
import { FleetError } from '@fleet/errors';

/**
 * Packs a position into an opaque text.
 *
 * @param list What the position is one in: the filter of a list, the job of a history.
 */
export function toCursor(list: unknown, position: unknown): string {
  return Buffer.from(JSON.stringify({ of: fingerprint(list, position), at: position })).toString('base64url');
}

/**
 * The position in a cursor made by `toCursor`; undefined without one.
 *
 * @param isPosition Tells a position of this list from any other JSON.
 * @throws FleetError `invalid_input` for a text that `toCursor` did not make, or made for another list.
 */
export function fromCursor<Position>(
  list: unknown,
  cursor: string | undefined,
  isPosition: (value: unknown) => value is Position,
): Position | undefined {
  if (cursor === undefined) return undefined;
  const { of, at } = parsed(cursor);
  if (isPosition(at) && of === fingerprint(list, at)) return at;
  throw invalidCursor(cursor);
}

/** `invalid_input` on the field `cursor`. */
export function invalidCursor(cursor: string, cause?: unknown): FleetError {
  const rule = 'must be the next cursor of an earlier answer to the same question';
  const fields = [{ field: 'cursor', rule, got: cursor.slice(0, 200) }];
  return new FleetError('invalid_input', { count: 1 }, { fields, cause });
}

function parsed(cursor: string): { readonly of?: unknown; readonly at?: unknown } {
  try {
    return Object(JSON.parse(Buffer.from(cursor, 'base64url').toString())) as object;
  } catch {
    return {};
  }
}

/** No signature, as there is nothing to protect: it tells a cursor of another list, and one that was cut or edited. */
function fingerprint(list: unknown, position: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([list, position]))
    .digest('base64url')
    .slice(0, 16);
}

/** Page tokens are bytes; undefined (JSON has no such value) becomes null. */
export function encodeToken(token: Uint8Array | null | undefined): string | null {
  return token && token.length > 0 ? Buffer.from(token).toString('base64') : null;
}

/** The reverse of `encodeToken`. */
export function decodeToken(text: string | null): Uint8Array | undefined {
  return text === null ? undefined : Buffer.from(text, 'base64');
}

/**
 * A page size between 1 and `most`.
 *
 * @throws FleetError `invalid_input`.
 */
export function pageSize(limit: number | undefined, standard: number, most: number): number {
  const size = limit ?? standard;
  if (Number.isInteger(size) && size >= 1 && size <= most) return size;
  const field = { field: 'limit', rule: `must be a whole number from 1 to ${most}`, got: size };
  throw new FleetError('invalid_input', { count: 1 }, { fields: [field] });
}

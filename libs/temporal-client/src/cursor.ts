import { FleetError } from '@fleet/errors';

/** Packs a position into an opaque text. */
export function toCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/**
 * The position in a cursor made by `toCursor`; undefined without one.
 *
 * @param isPosition Tells a position of this list from any other JSON.
 * @throws FleetError `invalid_input` for a text that `toCursor` did not make.
 */
export function fromCursor<Position>(
  cursor: string | undefined,
  isPosition: (value: unknown) => value is Position,
): Position | undefined {
  if (cursor === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (isPosition(value)) return value;
  } catch {
    // Falls through: the same answer as for JSON of another form.
  }
  const field = { field: 'cursor', rule: 'must be the nextCursor of an earlier answer', got: cursor.slice(0, 200) };
  throw new FleetError('invalid_input', { count: 1 }, { fields: [field] });
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

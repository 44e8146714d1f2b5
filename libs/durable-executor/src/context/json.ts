import { FleetError } from '@fleet/errors';

/** The largest value that can be passed, in bytes of JSON. Temporal's own limit is 2 MB, with an error that names no field. */
export const PAYLOAD_LIMIT_BYTES = 1_500_000;

/** Levels of objects within each other. Code that walks a value by calling itself ends at a few thousand. */
const MOST_LEVELS = 500;

/**
 * The JSON of a value; undefined stays undefined. What JSON would change without a word is refused: a value must be the
 * same before and after a restart, and on every executor.
 *
 * @param subject Named in the errors, such as `input of order-7`.
 * @throws FleetError `not_serializable`, `payload_too_large`.
 */
export function toJson(value: unknown, subject: string): string | undefined {
  if (value === undefined) return undefined;
  requirePlain(value, subject, 'value', []);
  const text = JSON.stringify(value);
  const got = byteLength(text);
  if (got > PAYLOAD_LIMIT_BYTES)
    throw new FleetError('payload_too_large', { subject, got, limit: PAYLOAD_LIMIT_BYTES });
  return text;
}

/** The value of a JSON text, a new one at every call. */
export function fromJson(text: string | undefined): unknown {
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

function requirePlain(value: unknown, subject: string, field: string, within: readonly object[]): void {
  const problem = problemOf(value, within);
  if (problem !== undefined) throw new FleetError('not_serializable', { subject, field, got: problem });
  if (value === null || typeof value !== 'object') return;
  const path = [...within, value];
  if (Array.isArray(value)) {
    // Not forEach: it skips holes, which JSON turns into null.
    for (let index = 0; index < value.length; index += 1) {
      if (value[index] === undefined)
        throw new FleetError('not_serializable', { subject, field: `${field}[${index}]`, got: 'undefined' });
      requirePlain(value[index], subject, `${field}[${index}]`, path);
    }
    return;
  }
  for (const [key, item] of Object.entries(value))
    if (item !== undefined) requirePlain(item, subject, `${field}.${key}`, path);
}

function problemOf(value: unknown, within: readonly object[]): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : String(value);
    case 'object':
      if (value === null) return undefined;
      if (within.includes(value)) return 'an object within itself';
      if (within.length >= MOST_LEVELS) return `nested in more than ${MOST_LEVELS} others`;
      return Array.isArray(value) || isPlain(value)
        ? undefined
        : `an object of class ${value.constructor?.name ?? '?'}`;
    default:
      return `a ${typeof value}`;
  }
}

/** By its chain instead of by identity: sandboxes and test runners have an Object of their own. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function byteLength(text: string): number {
  // Three bytes are the most that UTF-8 needs for one unit of a JavaScript string.
  if (text.length * 3 <= PAYLOAD_LIMIT_BYTES) return text.length;
  return new TextEncoder().encode(text).length;
}

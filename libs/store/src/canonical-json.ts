import { createHash } from 'node:crypto';

/**
 * SHA-256, hex, of the JSON with the keys in order: the same value written in another order is the same.
 *
 * @param ignoredKey A key that does not count, wherever it is. Default: every key counts.
 */
export function sha256OfJson(value: unknown, ignoredKey?: string): string {
  return createHash('sha256').update(canonicalJson(value, ignoredKey)).digest('hex');
}

/** The JSON with the keys in order, without `ignoredKey`. */
export function canonicalJson(value: unknown, ignoredKey?: string): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (!isRecord(part)) return part;
    const entries = Object.entries(part).filter(([key]) => key !== ignoredKey);
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** True for an object that is no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

import { UsageError } from './usage-error';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

/**
 * Milliseconds of `500ms`, `30s`, `5m`, `2h`; a bare number is seconds.
 *
 * @throws UsageError for anything else.
 */
export function parseDuration(text: string, option: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)?$/.exec(text) ?? [];
  if (amount !== undefined) return Number(amount) * (UNITS[unit] ?? 1000);
  throw new UsageError(`${option} must be a duration, got "${text}"`, 'Write it like 500ms, 30s, 5m or 2h.');
}

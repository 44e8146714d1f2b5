import { FleetError } from '@fleet/errors';

/** Milliseconds, or a text such as `100 ms`, `30 s`, `5 minutes`, `24 h`, `2 days`. */
export type Duration = number | string;

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  millisecond: 1,
  s: 1_000,
  second: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
};

/** Ten years: longer than any server keeps a timer, and far from where milliseconds stop being exact. */
const LONGEST_MS = 10 * 365 * 86_400_000;

/**
 * Milliseconds of a duration.
 *
 * @param field Named in the error.
 * @throws FleetError `invalid_input` for a negative, endless or unreadable one.
 */
export function toMilliseconds(duration: Duration, field: string): number {
  const ms = typeof duration === 'number' ? duration : parse(duration);
  if (Number.isFinite(ms) && ms >= 0 && ms <= LONGEST_MS) return Math.ceil(ms);
  const rule = 'must be milliseconds from 0 to ten years, or a text such as "30 s" or "5 minutes"';
  throw new FleetError(
    'invalid_input',
    { count: 1 },
    { fields: [{ field, rule, got: String(duration).slice(0, 200) }] },
  );
}

/**
 * Milliseconds of a duration that is none of 0: a limit of no time means "at once" here and "never" there.
 *
 * @param field Named in the error.
 * @throws FleetError `invalid_input` as `toMilliseconds`, and for 0.
 */
export function toPositiveMs(duration: Duration, field: string): number {
  const ms = toMilliseconds(duration, field);
  if (ms > 0) return ms;
  throw new FleetError(
    'invalid_input',
    { count: 1 },
    { fields: [{ field, rule: 'must be longer than 0', got: duration }] },
  );
}

function parse(text: string): number {
  const [, amount, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text) ?? [];
  const name = unit.toLowerCase();
  const factor = UNITS[name] ?? UNITS[name.replace(/s$/, '')];
  return amount === undefined || factor === undefined ? Number.NaN : Number(amount) * factor;
}

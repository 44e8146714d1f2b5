/** Milliseconds from now within which no run is named: sooner would be a loop. */
const SOONEST_MS = 60_000;
/** Milliseconds from now after which none is named. */
const LATEST_MS = 366 * 86_400_000;
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * The next run that a result named. One that is no time, past, or more than a year away counts as not named; one within a
 * minute is in a minute. A time without a zone is UTC.
 *
 * @returns null: none is to follow; undefined: nothing was named.
 */
export function nextRunFrom(named: string | null | undefined, now: number): Date | null | undefined {
  if (named === null || named === undefined) return named;
  const text = named.trim().replace(' ', 'T');
  if (!TIME.test(text)) return undefined;
  const at = Date.parse(/T/.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text);
  // NaN is within no bounds.
  if (!(at > now && at <= now + LATEST_MS)) return undefined;
  return new Date(Math.max(at, now + SOONEST_MS));
}

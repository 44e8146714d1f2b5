/** How two series of one run compare: the median of the ratios, or differences, of their pairs, and the range of those. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/**
 * The value below which `share` of the values lie (nearest rank).
 *
 * @param share 0.5 for the median, 0.99 for p99.
 * @throws when there are no values.
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('no values were measured');
  return value;
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const upper = quantile(values, 0.5 + 0.5 / values.length);
  return (quantile(values, 0.5) + upper) / 2;
}

/** Compares round by round: both sides of a pair were measured within seconds of each other, so drift of the machine cancels. */
export function ratioOf(a: readonly number[], b: readonly number[]): Ratio {
  return spreadOf(a.map((value, round) => value / (b[round] ?? Number.NaN)));
}

/** The same for what A takes beyond B. */
export function differenceOf(a: readonly number[], b: readonly number[]): Ratio {
  return spreadOf(a.map((value, round) => value - (b[round] ?? Number.NaN)));
}

function spreadOf(values: readonly number[]): Ratio {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

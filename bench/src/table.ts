import type { Ratio } from './statistics';

/** What a ratio, or a difference, has to be. */
export interface Target {
  readonly at: 'least' | 'most';
  readonly value: number;
}

/** One measured comparison. */
export interface Row {
  readonly line: string;
  readonly what: string;
  /** Medians over the rounds, with their unit. */
  readonly a: string;
  readonly b: string;
  /** A to B. */
  readonly ratio: Ratio;
  /** When set, `ratio`, `same` and `worse` are not ratios but what A is more than B, in this unit; `target`, too. */
  readonly difference?: string;
  readonly target?: Target;
  /** The same against the same: says how far from 1 chance alone takes the ratio. */
  readonly same?: Ratio;
  /** Something that must miss the target: says that the measurement would notice. */
  readonly worse?: Ratio;
}

/** `met`, `MISSED`, `void` when its control met the target too, and nothing when there is no target. */
export function verdict({ ratio, target, worse }: Row): string {
  if (!target) return '';
  if (worse && isMet(worse, target)) return 'void: the control that must miss it met it';
  return isMet(ratio, target) ? 'met' : 'MISSED';
}

/** The rows as a table for people. */
export function tableOf(rows: readonly Row[]): string {
  const header = ['line', 'A against B', 'A', 'B', 'A/B, or A-B (least to most)', 'target', '', 'B/B', 'must miss'];
  const lines = rows.map((row) => [
    row.line,
    row.what,
    row.a,
    row.b,
    rangeOf(row, row.ratio),
    row.target ? `at ${row.target.at} ${row.target.value}${unitOf(row)}` : 'none',
    verdict(row),
    row.same ? rangeOf(row, row.same) : '-',
    row.worse ? rangeOf(row, row.worse) : '-',
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...lines].map((line) => line[column]?.length ?? 0)));
  return [header, ...lines]
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A value with its unit, as short as it can be said. */
export function said(value: number, unit: string): string {
  return `${short(value)} ${unit}`;
}

function isMet(ratio: Ratio, { at, value }: Target): boolean {
  return at === 'least' ? ratio.median >= value : ratio.median <= value;
}

function rangeOf(row: Row, { median, least, most }: Ratio): string {
  const range = least === most ? '' : ` (${short(least)} to ${short(most)})`;
  return `${short(median)}${unitOf(row)}${range}`;
}

function unitOf({ difference }: Row): string {
  return difference === undefined ? '' : ` ${difference}`;
}

function short(value: number): string {
  if (!Number.isFinite(value)) return 'n/a';
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 3);
}

import { shorten } from '../characters';

/** One direction of a chart: from numbers to pixels, with the places to write numbers at. */
export interface Axis {
  readonly label: string;
  /** The pixel of a number. */
  readonly at: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

/** What an axis is made of. */
export interface AxisOptions {
  readonly label: string;
  /** Smallest and largest number to show. */
  readonly domain: readonly [number, number];
  /** Pixels of the smallest and the largest number. */
  readonly range: readonly [number, number];
}

const TICKS = 7;
const MAX_LABEL_CHARACTERS = 60;

/** A linear axis with about seven ticks at round numbers (1, 2 or 5 times a power of ten). */
export function createAxis({ label, domain: [low, high], range: [from, to] }: AxisOptions): Axis {
  const step = roundStep((high - low) / TICKS);
  const first = Math.ceil(low / step);
  const count = Math.max(0, Math.floor(high / step + 1e-9) - first + 1);
  const ticks = Array.from({ length: count }, (_, i) => (first + i) * step);
  return {
    label: shorten(label, MAX_LABEL_CHARACTERS),
    at: (value) => from + ((value - low) / (high - low)) * (to - from),
    ticks: ticks.map((value) => ({ value, text: formatTick(value, step, Math.max(Math.abs(low), Math.abs(high))) })),
  };
}

/** Smallest and largest value with some air around them; a single value gets air of its own size. */
export function paddedDomain(values: readonly number[], share = 0.04): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const span = high - low;
  // Numbers that differ by less than what a double can hold in between have no room for ticks either.
  const air = span > Math.abs(high) * 1e-12 ? span * share : Math.abs(high) * 0.1 || 1;
  return [low - air, high + air];
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5].find((candidate) => rough <= candidate * power) ?? 10;
  return factor * power;
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 6 });

// `largest` is that of the whole axis, so that all its ticks are written alike.
function formatTick(value: number, step: number, largest: number): string {
  if (largest >= 1e15 || step < 1e-4) return value === 0 ? '0' : Number(value.toPrecision(6)).toExponential();
  if (step >= 1e5) return compact.format(value);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return value.toFixed(decimals).replace(/^-(0(?:\.0*)?)$/, '$1');
}

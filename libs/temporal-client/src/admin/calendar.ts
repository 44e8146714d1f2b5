import type { temporal } from '@temporalio/proto';

type Calendar = temporal.api.schedule.v1.IStructuredCalendarSpec;
type Range = temporal.api.schedule.v1.IRange;

/** First and last value of a field. */
type Bounds = readonly [number, number];

const SECOND: Bounds = [0, 59];
const MINUTE: Bounds = [0, 59];
const HOUR: Bounds = [0, 23];
const DAY_OF_MONTH: Bounds = [1, 31];
const MONTH: Bounds = [1, 12];
const DAY_OF_WEEK: Bounds = [0, 6];

/**
 * A calendar as a line of cron. The server keeps no cron line, only what it means: `MON-FRI` comes back as `1-5`.
 * Five fields, a sixth for the years where it names some, and one for the seconds before them where it is not second 0.
 */
export function cronOf(calendar: Calendar): string {
  const { second, minute, hour, dayOfMonth, month, year, dayOfWeek } = calendar;
  const seconds = fieldOf(second, SECOND);
  const years = year?.length ? year.map((range) => rangeText(range)).join(',') : '*';
  const five = [
    fieldOf(minute, MINUTE),
    fieldOf(hour, HOUR),
    fieldOf(dayOfMonth, DAY_OF_MONTH),
    fieldOf(month, MONTH),
    fieldOf(dayOfWeek, DAY_OF_WEEK),
  ];
  if (seconds !== '0') return [seconds, ...five, years].join(' ');
  return (years === '*' ? five : [...five, years]).join(' ');
}

function fieldOf(ranges: readonly Range[] | null | undefined, bounds: Bounds): string {
  return (ranges ?? []).map((range) => rangeText(range, bounds)).join(',');
}

/** Protobuf leaves zeros out: an end before the start means the start, a step of 0 means 1. */
function rangeText({ start, end, step }: Range, bounds?: Bounds): string {
  const first = start ?? 0;
  const last = Math.max(first, end ?? 0);
  const every = step ? step : 1;
  const steps = every > 1 ? `/${every}` : '';
  if (bounds && first === bounds[0] && last === bounds[1]) return `*${steps}`;
  return first === last ? String(first) : `${first}-${last}${steps}`;
}

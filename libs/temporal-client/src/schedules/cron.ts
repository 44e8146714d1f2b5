import { errorText } from '@fleet/errors';
import { CronExpressionParser } from 'cron-parser';

/** Shortest time between two runs of a cron, seconds: what five fields can say. */
export const MIN_CRON_INTERVAL_SECONDS = 60;
/** Text that a cron cannot be longer than. */
const MAX_LENGTH = 200;
// What cron-parser and Temporal read alike. Not L, #, W, ? and H, which one of them reads otherwise or not at all.
const FIELD = /^(?:\*|\w+(?:-\w+)?)(?:\/\d+)?(?:,(?:\*|\w+(?:-\w+)?)(?:\/\d+)?)*$/;
const VALUE = /^(?:\d{1,2}|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)$/i;

/** Why a cron cannot be used, as a rule that it breaks; undefined when it can. */
export function cronProblem(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5 || cron.length > MAX_LENGTH)
    return `must have five fields: minute, hour, day of month, month, day of week. The shortest interval is ${MIN_CRON_INTERVAL_SECONDS} s`;
  if (!fields.every(isReadAlike)) return 'must have only numbers, names of three letters, and * , - / in its fields';
  const [, , dayOfMonth, , dayOfWeek] = fields;
  if (!dayOfMonth?.startsWith('*') && !dayOfWeek?.startsWith('*'))
    return 'must leave day of month or day of week a *: whether both or either must fit is read in two ways';
  try {
    CronExpressionParser.parse(cron, { tz: 'UTC' }).next();
    return undefined;
  } catch (error) {
    return `must be a time that comes: ${errorText(error)}`;
  }
}

/** Why a time zone cannot be used, as a rule that it breaks; undefined when it can. */
export function timeZoneProblem(timezone: string): string | undefined {
  const rule = 'must be a name of the time zone database, such as Europe/Berlin or UTC, spelt as there';
  if (!/^[A-Z][A-Za-z0-9_+/-]{1,63}$/.test(timezone)) return rule;
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone;
    // Names are spelt in one way; the older name that some come back as is another matter.
    return known !== timezone && known.toLowerCase() === timezone.toLowerCase() ? rule : undefined;
  } catch {
    return rule;
  }
}

/** How many runs of a cron are due in a time, both ends included; counted to `most`. */
export function runsBetween(cron: string, timezone: string, from: Date, to: Date, most: number): number {
  // It gives what comes after its time.
  const times = CronExpressionParser.parse(cron, { tz: timezone, currentDate: new Date(from.getTime() - 1) });
  let runs = 0;
  while (runs < most && times.next().getTime() <= to.getTime()) runs += 1;
  return runs;
}

function isReadAlike(field: string): boolean {
  return FIELD.test(field) && field.split(/[*,/-]/).every((value) => value === '' || VALUE.test(value));
}

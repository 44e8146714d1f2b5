import { cronProblem, timeZoneProblem } from '@fleet/temporal-client/cron';
import { z } from 'zod';

/** A cron expression of five fields, its blanks made single; the rules are those of the Temporal client. */
export const cronSchema = z
  .string()
  .overwrite((text) => text.trim().replaceAll(/\s+/g, ' '))
  .superRefine(checkedBy(cronProblem))
  .describe('Five fields: minute, hour, day of month, month, day of week.')
  .meta({ examples: ['0 9 * * 1-5'] });

/** A time zone of the IANA database. */
export const timezoneSchema = z
  .string()
  .superRefine(checkedBy(timeZoneProblem))
  .describe('Of the IANA database, like Europe/Berlin. Default UTC.');

/** Seconds that each run may be late, at random. */
export const jitterSchema = z
  .number()
  .int()
  .min(0)
  .max(3600)
  .describe('Each run starts up to so many seconds late, at random. Default 0.');

/** Seconds for which a missed run is made up. */
export const catchupSchema = z
  .number()
  .int()
  .min(600)
  .max(31_536_000)
  .describe('A run that was missed, as while Temporal was away, is made up within so many seconds. Default 3600.');

function checkedBy(problemOf: (text: string) => string | undefined) {
  return (text: string, context: z.core.$RefinementCtx<string>): void => {
    const message = problemOf(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message, input: text });
  };
}

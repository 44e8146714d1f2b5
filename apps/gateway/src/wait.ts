import { z } from 'zod';

const LONGEST_MS = 60_000;
const RULE = 'must be 0 to 60 seconds, as 30, 30s or 500ms';

/** How long to wait, in a query string: `30` and `30s` are seconds, `500ms` is milliseconds. Gives milliseconds. */
export const waitSchema = z
  .string()
  .describe('0 to 60 seconds, as 30, 30s or 500ms. Default 0.')
  .transform((text, context) => {
    const ms = millisecondsOf(text);
    if (ms !== undefined) return ms;
    context.issues.push({ code: 'custom', message: RULE, input: text });
    return z.NEVER;
  })
  .optional();

function millisecondsOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s)?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const ms = Math.round(Number(digits) * (unit === 'ms' ? 1 : 1000));
  return ms <= LONGEST_MS ? ms : undefined;
}

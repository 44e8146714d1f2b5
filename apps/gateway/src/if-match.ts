import { z } from 'zod';

const RULE = 'must be the ETag of an earlier answer, like "3", or *';

/** The header If-Match as the version that is expected; undefined: any. */
export const ifMatchSchema = z.object({
  'if-match': z
    .string()
    .describe('The ETag that it must still have. Default: any.')
    .transform((text, context) => {
      if (text.trim() === '*') return undefined;
      const [, digits] = /^\s*"?(\d{1,9})"?\s*$/.exec(text) ?? [];
      if (digits !== undefined) return Number(digits);
      context.issues.push({ code: 'custom', message: RULE, input: text });
      return z.NEVER;
    })
    .optional(),
});

/** The header ETag of a version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

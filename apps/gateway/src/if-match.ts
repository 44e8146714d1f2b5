import { FleetError } from '@fleet/errors';
import { z } from 'zod';

/** The headers of a change that may be made to one version only. */
export const ifMatchSchema = z.object({
  'if-match': z
    .string()
    .optional()
    .describe('The ETag of the version that the change was made from: another version by now is 412. Default: any.'),
});

/** The ETag of a version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The version that If-Match asks for; undefined for none and for `*`, which any version matches.
 *
 * @throws FleetError `invalid_input` for what is no ETag of ours.
 */
export function versionIn(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const [, version] = /^\s*"([1-9]\d{0,8})"\s*$/.exec(ifMatch) ?? [];
  if (version !== undefined) return Number(version);
  const fields = [
    { field: 'If-Match', rule: 'must be the ETag of an answer, such as "3"', got: ifMatch.slice(0, 200) },
  ];
  throw new FleetError('invalid_input', { count: 1 }, { fields });
}

import { FleetError, type FieldError } from '@fleet/errors';
import type { z } from 'zod';

/**
 * The input as the schema sees it.
 *
 * @param at Path of the input in the request, `input` for a job.
 * @throws FleetError `invalid_input` with every failing field, its rule and the value got.
 */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, at = 'input'): T {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.flatMap((issue) => fieldErrors(issue, at));
  throw new FleetError('invalid_input', { count: fields.length }, { fields });
}

function fieldErrors(issue: z.core.$ZodIssue, at: string): FieldError[] {
  const field = issue.path.reduce<string>(appendPath, at);
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.filter((issues) => !issues.some(isOfAnotherType));
    // Of a list that fails in one item a reader wants to know the item, not that it might have been a text.
    if (meant.length === 1) return (meant[0] ?? []).flatMap((part) => fieldErrors(part, field));
  }
  // zod reports all unknown keys as one issue on their parent; a reader wants one line per field.
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: appendPath(field, key), rule: 'is not a field of this input' }));
  }
  const got = inputOf(issue);
  return [got === undefined ? { field, rule: issue.message } : { field, rule: issue.message, got: shortened(got) }];
}

/** Of a field that says which part of a union is meant zod has the path, but the whole object for its value. */
function inputOf(issue: z.core.$ZodIssue): unknown {
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return issue.input;
  return (issue.input as Readonly<Record<string, unknown>> | undefined)?.[issue.discriminator];
}

/** The value as a whole is not what this part of the union asks for. */
function isOfAnotherType({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
}

function appendPath(path: string, part: PropertyKey): string {
  if (typeof part === 'number') return `${path}[${part}]`;
  return path === '' ? String(part) : `${path}.${String(part)}`;
}

/** Long values would make the answer larger than the request; 200 characters are enough to recognise one. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, 200);
  if (value !== null && typeof value === 'object') return Array.isArray(value) ? '(array)' : '(object)';
  return value;
}

import { FleetError, isFleetError, type FieldError } from '@fleet/errors';
import { parseInput } from '@fleet/workflow-registry';
import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';

/**
 * Checks one part of a request (path, query or body) against its zod schema, so that a bad part is answered with every
 * failing field.
 */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data: unknown) => {
    try {
      // Fastify spells a missing body as null.
      return { value: parseInput(schema, httpPart === 'body' && data === null ? undefined : data, '') };
    } catch (error) {
      return { error: withNamedRoot(error, httpPart ?? 'body') };
    }
  };

/** For a route that checks its body itself, together with other parts. */
export const noValidation: FastifySchemaCompiler<unknown> = () => (data: unknown) => ({ value: data });

/** The failing fields of a check; none when it passes. Errors that name no field are thrown on. */
export function failingFields(check: () => unknown, root: string): readonly FieldError[] {
  try {
    check();
    return [];
  } catch (error) {
    const named = withNamedRoot(error, root);
    if (isFleetError(named) && named.code === 'invalid_input') return named.fields;
    throw error;
  }
}

/** A whole number in a query string. */
export function queryNumber(least: number, most: number): z.ZodType<number> {
  const number = z.number().int().min(least).max(most);
  return z.preprocess((text) => (typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : text), number);
}

/** An opaque cursor in a query string, as an answer gave it. */
export const cursorSchema = z.string().min(1).max(8192).optional();

/** Without the keys whose value is undefined, which would shadow defaults. */
export function defined<T extends object>(object: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}

/** An Idempotency-Key, as the caller made it up. */
export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x20-\x7e]{1,200}$/, 'must be 1 to 200 printable ASCII characters')
  .optional();

/** A reason given by a person, for the record. */
export const reasonSchema = z.string().trim().min(1).max(200).optional();

/** A problem of the part as a whole (an array instead of an object, say) has no path; it is named after the part. */
function withNamedRoot(error: unknown, root: string): Error {
  if (!isFleetError(error)) return error instanceof Error ? error : new Error(String(error));
  const fields = error.fields.map((field) => (field.field === '' ? { ...field, field: root } : field));
  return new FleetError(error.code, error.details, { fields, cause: error.cause });
}

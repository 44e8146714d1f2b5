import type { FieldError, FleetError } from '@fleet/errors';
import { z } from 'zod';

/** The body of an error answer on the routes that OpenAI's clients call. */
export const openAiErrorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string().describe('invalid_request_error, authentication_error, rate_limit_error, server_error, ...'),
    param: z.string().nullable().describe('The first field that is not valid.'),
    code: z.string().describe('A code of docs/errors.md.'),
    errors: z
      .array(z.object({ field: z.string(), rule: z.string(), got: z.unknown().optional() }))
      .optional()
      .describe('Not of OpenAI: every field that is not valid.'),
  }),
});

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
};

/** An error of the table in the shape that OpenAI's clients know. */
export function openAiErrorOf(error: FleetError): z.infer<typeof openAiErrorSchema> {
  const { code, status, fields } = error;
  return {
    error: {
      message: messageOf(error),
      type: TYPES[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error'),
      param: fields[0]?.field ?? null,
      code,
      ...(fields.length > 0 && { errors: fields.map(({ field, rule, got }) => ({ field, rule, got })) }),
    },
  };
}

/** Their typed errors show the message alone. */
function messageOf({ message, fields }: FleetError): string {
  return fields.length === 0 ? message : `${message}: ${fields.map(named).join('; ')}`;
}

function named({ field, rule }: FieldError): string {
  return `${field} ${rule}`;
}

import { FleetError, type FieldError } from '@fleet/errors';
import { applyDirectives } from '@fleet/model-router';
import { parseInput } from '@fleet/workflow-registry';
import type { ChatPolicy, ChatRequest, OrchestrationDirective } from '@fleet/workflow-registry/messages';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { failingFields } from '../validation';

/** What is asked of models, and how they are to be chosen. */
export interface Asked {
  readonly request: ChatRequest;
  readonly policy: ChatPolicy;
}

/** Tells what was ignored of the directives in the messages. */
const NOTES_HEADER = 'x-fleet-notes';

/** Largest body of a chat, bytes. */
export const CHAT_BODY_LIMIT = 10 * 1_048_576;
/** Milliseconds that a request has when its policy does not say. */
const DEFAULT_LATENCY_MS = 120_000;

const KEY_HEADER = 'idempotency-key';
const keySchema = z.string().regex(/^[\x20-\x7e]{1,200}$/, 'must be 1 to 200 printable ASCII characters');

/** The headers of a posting chat route, for the OpenAPI document. */
export const chatHeaders = z.object({
  [KEY_HEADER]: z
    .string()
    .optional()
    .describe('The same key and body within five minutes: the same answer, asked for once. Not with a stream.'),
});

/** What is asked once the directives in its messages are applied; what was ignored of them is in a header of the answer. */
export function directed<Directive extends OrchestrationDirective | undefined = undefined>(
  reply: FastifyReply,
  { request, policy }: Asked,
  directive?: Directive,
): Asked & { readonly directive: Directive } {
  const { notes, ...found } = applyDirectives(request, policy, directive);
  // Users write them in any language, and a header is ASCII.
  if (notes.length > 0)
    reply.header(
      NOTES_HEADER,
      notes
        .join('; ')
        .replaceAll(/[^ -~]/g, '?')
        .slice(0, 1000),
    );
  return found;
}

/** Milliseconds that a request has. */
export function latencyOf({ maxLatencyMs }: ChatPolicy): number {
  return maxLatencyMs === undefined || maxLatencyMs === 0 ? DEFAULT_LATENCY_MS : maxLatencyMs;
}

/**
 * The body and the Idempotency-Key of a request.
 *
 * @param isStream of a body: a stream cannot be sent again
 * @throws FleetError `invalid_input` with all failing fields of both
 */
export function checkedRequest<Body>(
  schema: z.ZodType<Body>,
  { body, headers }: FastifyRequest,
  isStream: (body: Body) => boolean = () => false,
): { readonly body: Body; readonly key: string | undefined } {
  const key = headers[KEY_HEADER];
  const found: { body?: Body } = {};
  const fields: FieldError[] = [
    ...failingFields(() => {
      // Fastify spells a missing body as null.
      found.body = parseInput(schema, body === null ? undefined : body, '');
    }, 'body'),
    ...(key === undefined ? [] : failingFields(() => parseInput(keySchema, key, 'Idempotency-Key'), '')),
  ];
  if (key !== undefined && found.body !== undefined && isStream(found.body))
    fields.push({ field: 'Idempotency-Key', rule: 'is not possible with a stream, which cannot be sent again' });
  if (found.body === undefined || fields.length > 0)
    throw new FleetError('invalid_input', { count: fields.length }, { fields });
  return { body: found.body, key: key === undefined ? undefined : String(key) };
}

import type { ChatPolicy, ChatRequest } from '@fleet/workflow-registry/messages';
import { outputSchemaErrors } from '@fleet/model-router';
import { z } from 'zod';
import { messagesSchema, toMessages } from './message-schema';
import { policySchema, toPolicy } from './policy-schema';

const jsonObject = z.record(z.string(), z.unknown());

/** A JSON schema that answers can be checked against. */
export const answerSchema = jsonObject.check((context) => {
  for (const { field, rule, got } of outputSchemaErrors(context.value, '')) {
    const path = field.split('.').filter((part) => part !== '');
    context.issues.push({ code: 'custom', path, message: rule, input: got });
  }
});

/** What is asked, in TokenHub's shape. */
export const requestSchema = z.strictObject({
  messages: messagesSchema,
  id: z.string().max(200).optional().describe('Your own; not used. The id of the request is made here.'),
  model_hint: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Id of a model or of an alias; "*" takes turns. Default: the one that fits best.'),
  estimated_input_tokens: z.int().min(1).max(100_000_000).optional().describe('Default: a quarter of the characters.'),
  meta: jsonObject.optional().describe('Your own; never sent to a provider.'),
  output_schema: answerSchema.optional().describe('JSON schema that the text of the answer must meet.'),
  parameters: jsonObject
    .optional()
    .describe('Merged into what the provider is sent, such as temperature; never over model, messages or stream.'),
  stream: z.boolean().optional(),
});

/** How the text of the answer is to be shaped. */
export const outputFormatSchema = z.strictObject({
  type: z.enum(['text', 'json', 'markdown', 'xml']).optional(),
  schema: answerSchema.optional().describe('JSON schema that the text must meet.'),
  max_tokens: z.int().min(1).max(10_000_000).optional().describe('Longer text is cut; a token is four characters.'),
  strip_think: z.boolean().optional().describe('Takes out what stands between <think> and </think>.'),
});

/** The body of POST /v1/chat. */
export const chatBodySchema = z
  .strictObject({
    request: requestSchema,
    policy: policySchema.optional(),
    output_format: outputFormatSchema.optional(),
    stream: z.boolean().optional().describe('Server-sent events instead of one answer. Default false.'),
    capabilities: jsonObject.optional().describe('Taken for the sake of existing clients; without effect.'),
  })
  .check((context) => {
    const { value } = context;
    if (value.output_format === undefined || !isStream(value)) return;
    const message = 'is not possible with a stream, whose text is not known before its end';
    context.issues.push({ code: 'custom', path: ['output_format'], message, input: value.output_format });
  });

/** The body of POST /v1/chat, checked. */
export type ChatBody = z.infer<typeof chatBodySchema>;
/** How the text of the answer is to be shaped, as callers write it. */
export type AskedFormat = z.infer<typeof outputFormatSchema>;

/** Whether server-sent events are asked for. */
export function isStream({ stream, request }: Pick<ChatBody, 'stream' | 'request'>): boolean {
  return stream === true || request.stream === true;
}

/** What is asked. @param schema what the answer must meet, where the request itself does not say */
export function toRequest(
  asked: z.infer<typeof requestSchema>,
  schema?: Readonly<Record<string, unknown>>,
): ChatRequest {
  const outputSchema = asked.output_schema ?? schema;
  return {
    messages: toMessages(asked.messages),
    ...(asked.model_hint !== undefined && { modelHint: asked.model_hint }),
    ...(asked.estimated_input_tokens !== undefined && { estimatedInputTokens: asked.estimated_input_tokens }),
    ...(asked.meta && { meta: asked.meta }),
    ...(outputSchema && { outputSchema }),
    ...(asked.parameters && { parameters: asked.parameters }),
  };
}

/** What is asked, and how the model is to be chosen. */
export function toAsked({ request, policy, output_format: format }: ChatBody): {
  readonly request: ChatRequest;
  readonly policy: ChatPolicy;
} {
  return { request: toRequest(request, format?.schema), policy: toPolicy(policy) };
}

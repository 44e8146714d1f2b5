import type { ChatPolicy, ChatRequest } from '@fleet/workflow-registry/messages';
import { z } from 'zod';
import { messagesSchema, toMessages } from './message-schema';
import { policySchema, toPolicy } from './policy-schema';

/** The model of a request that leaves the choice to the router. */
export const ANY_MODEL = 'auto';

/**
 * The body of POST /v1/chat/completions. What is not named here is passed on to the provider as it is, since new parameters
 * come all the time.
 */
export const completionBodySchema = z.looseObject({
  model: z
    .string()
    .min(1)
    .max(200)
    .describe('Id of a model or of an alias; "*" takes turns, "auto" leaves the choice to the router.'),
  messages: messagesSchema,
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  n: z.int().min(1).max(128).nullish(),
  policy: policySchema.optional().describe('Not of OpenAI: what the choice of a model is bound by.'),
});

/** The body of POST /v1/chat/completions, checked. */
export type CompletionBody = z.infer<typeof completionBodySchema>;

/** What is asked, and how the model is to be chosen. */
export function toAsked(body: CompletionBody): { readonly request: ChatRequest; readonly policy: ChatPolicy } {
  const { model, messages, stream: _stream, stream_options: _options, policy, ...rest } = body;
  const parameters = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  const request = {
    messages: toMessages(messages),
    ...(model !== ANY_MODEL && { modelHint: model }),
    ...(Object.keys(parameters).length > 0 && { parameters }),
  };
  return { request, policy: toPolicy(policy) };
}

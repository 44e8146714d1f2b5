import type { ChatCompletion, ChatDecision, ChatOutput, OrchestrateOutput } from '@fleet/workflow-registry/messages';
import { formatAnswer } from '@fleet/model-router';
import { z } from 'zod';
import type { AskedFormat } from './chat-body';
import { REQUEST_ID_HEADER } from './request-id';

/** What a chat route answers with: JSON as text, so that it can be kept and sent again as it is. */
export interface ChatAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const negotiated = {
  request_id: z.string(),
  negotiated_model: z.string(),
  estimated_cost_usd: z.number(),
  routing_reason: z.string(),
  alias_from: z.string().optional().describe('The alias that was asked for.'),
  cost_usd: z.number().describe('From actual usage; of a plan that of all its calls.'),
};

/** The answer of POST /v1/chat. */
export const chatAnswerSchema = z.object({
  ...negotiated,
  response: z.looseObject({}).describe("A chat completion in OpenAI's shape."),
  latency_ms: z.number().describe('Of the call that answered.'),
  attempts: z.int(),
});

/** The answer of POST /v1/plan. */
export const planAnswerSchema = z.object({
  ...negotiated,
  response: z.looseObject({}).describe('What was found; its keys depend on the mode.'),
  answer: z.string().describe('What to show: the plan, the refined answer, the chosen one.'),
  calls: z.int().describe('Chats that were made.'),
});

/** The headers of every answer, streams included: who answered, and under which id. */
export function decisionHeaders(requestId: string, { modelId, aliasFrom }: ChatDecision): Record<string, string> {
  return {
    [REQUEST_ID_HEADER]: requestId,
    'x-negotiated-model': modelId,
    ...(aliasFrom !== undefined && { 'x-alias-from': aliasFrom }),
  };
}

/** The answer of POST /v1/chat. */
export function toChatAnswer(requestId: string, output: ChatOutput, format?: AskedFormat): ChatAnswer {
  const { decision, response, latencyMs, costUsd, attempts } = output;
  const shown: z.infer<typeof chatAnswerSchema> = {
    ...negotiation(requestId, decision, costUsd),
    response: format ? formatted(response, format) : { ...response },
    latency_ms: latencyMs,
    attempts,
  };
  return { headers: decisionHeaders(requestId, decision), body: JSON.stringify(shown) };
}

/** The answer of POST /v1/plan. */
export function toPlanAnswer(requestId: string, output: OrchestrateOutput, format?: AskedFormat): ChatAnswer {
  const { decision, result, answer, costUsd, calls } = output;
  const shown: z.infer<typeof planAnswerSchema> = {
    ...negotiation(requestId, decision, costUsd),
    response: { ...result },
    answer: format ? formatText(answer, format) : answer,
    calls,
  };
  return { headers: decisionHeaders(requestId, decision), body: JSON.stringify(shown) };
}

/** The answer of POST /v1/chat/completions: the provider's own. */
export function toCompletion(requestId: string, { decision, response }: ChatOutput): ChatAnswer {
  return { headers: decisionHeaders(requestId, decision), body: JSON.stringify(response) };
}

function formatted(response: ChatCompletion, format: AskedFormat): Record<string, unknown> {
  const choices = response.choices.map((choice) => {
    const { content } = choice.message;
    return content === null
      ? choice
      : { ...choice, message: { ...choice.message, content: formatText(content, format) } };
  });
  return { ...response, choices };
}

function formatText(text: string, { type, max_tokens: maxTokens, strip_think: stripThink }: AskedFormat): string {
  return formatAnswer(text, { type, maxTokens, stripThink });
}

function negotiation(requestId: string, decision: ChatDecision, costUsd: number) {
  const { modelId, estimatedCostUsd, reason, aliasFrom } = decision;
  return {
    request_id: requestId,
    negotiated_model: modelId,
    estimated_cost_usd: estimatedCostUsd,
    routing_reason: reason,
    ...(aliasFrom !== undefined && { alias_from: aliasFrom }),
    cost_usd: costUsd,
  };
}

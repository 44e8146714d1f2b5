import { z } from 'zod';
import type { ChatCompletion, ChatDecision, ChatPolicy, ChatRequest } from '../messages';

const MODES = ['normal', 'cheap', 'high_confidence', 'planning', 'adversarial'] as const;
/** Of a model, a provider or an alias. */
export const modelName = z.string().trim().min(1).max(200);
const anyObject = z.record(z.string(), z.unknown());

const toolCall = z.strictObject({
  id: z.string().min(1).max(200),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().min(1).max(200), arguments: z.string().max(1_000_000) }),
});

const message = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.string().max(1_000_000).nullable(),
  name: z.string().min(1).max(200).optional(),
  tool_calls: z.array(toolCall).min(1).max(128).optional(),
  tool_call_id: z.string().min(1).max(200).optional(),
});

/** What a chat asks. */
export const chatRequest: z.ZodType<ChatRequest> = z.strictObject({
  messages: z.array(message).min(1).max(2000),
  modelHint: modelName.optional(),
  estimatedInputTokens: z.number().int().min(0).max(100_000_000).optional(),
  meta: anyObject.optional(),
  outputSchema: anyObject.optional(),
  parameters: anyObject.optional(),
});

/** What binds its choice of a model. */
export const chatPolicy: z.ZodType<ChatPolicy> = z.strictObject({
  mode: z.enum(MODES).optional(),
  maxBudgetUsd: z.number().min(0).max(100).optional(),
  maxLatencyMs: z.number().int().min(0).max(300_000).optional(),
  minWeight: z.number().min(0).max(10).optional(),
  estimatedOutputTokens: z.number().int().min(0).max(10_000_000).optional(),
});

/** Which model was chosen. */
export const chatDecision: z.ZodType<ChatDecision> = z.object({
  modelId: z.string(),
  providerId: z.string(),
  estimatedCostUsd: z.number(),
  reason: z.string(),
  aliasFrom: z.string().optional(),
});

/** What a model answered. */
export const chatCompletion: z.ZodType<ChatCompletion> = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.number(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.number(),
      message: message.extend({ refusal: z.string().nullable().optional() }),
      finish_reason: z.string(),
    }),
  ),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number(), total_tokens: z.number() }),
});

/** Tokens. */
export const chatUsage = z.object({ inputTokens: z.number(), outputTokens: z.number() });

import { z } from 'zod';
import { workflow } from '../entry';
import type {
  ChatInput,
  ChatOutput,
  OrchestrateInput,
  OrchestrateOutput,
  OrchestrationResult,
  StreamLogInput,
} from '../messages';
import { chatCompletion, chatDecision, chatPolicy, chatRequest, chatUsage, modelName } from './chat-parts';

/** Five attempts within the longest time of a request, and the log. */
const CHAT_MS = 10 * 60_000;
/** A row waits for Postgres. */
const LOG_MS = 7 * 86_400_000;
const QUERIES = ['status', 'progress', 'result'];

// Who asks for a job chooses no request id, no key and no parent: others' calls and bills are under them. A retry is a new
// request, too: under the old id it would be given the outcome that is kept of it, and no provider would be asked.
export const chat = workflow<ChatInput, ChatOutput>({
  description: 'Asks the best model for a request, and the next one when it fails, up to five times.',
  queue: 'high',
  allowedQueues: ['high', 'standard', 'background'],
  version: 1,
  timeouts: { executionMs: CHAT_MS },
  signals: [],
  queries: QUERIES,
  input: z.strictObject({
    request: chatRequest,
    policy: chatPolicy,
    excludeModels: z.array(modelName).max(100).optional(),
    onlyModel: modelName.optional(),
  }),
  output: z.object({
    decision: chatDecision,
    response: chatCompletion,
    latencyMs: z.number(),
    costUsd: z.number(),
    usage: chatUsage,
    attempts: z.number(),
  }),
  example: { request: { messages: [{ role: 'user', content: 'Say hello.' }] }, policy: { mode: 'cheap' } },
  again: ({ requestId: _id, parentRequestId: _parent, ...input }) => input,
});

const result: z.ZodType<OrchestrationResult> = z.object({
  initial_plan: z.string().optional(),
  critique: z.string().optional(),
  refined_plan: z.string().optional(),
  responses: z.array(z.object({ model_id: z.string(), content: z.string() })).optional(),
  selected: z.number().optional(),
  judge: z.string().optional(),
  judge_error: z.string().optional(),
  refined_response: z.string().optional(),
  iterations: z.number().optional(),
  model: z.string().optional(),
});

export const orchestrate = workflow<OrchestrateInput, OrchestrateOutput>({
  description: 'Answers by several chats: a plan, a plan and its critique, a vote of models, or rounds of refinement.',
  queue: 'high',
  allowedQueues: ['high', 'standard', 'background'],
  version: 1,
  timeouts: { executionMs: CHAT_MS },
  signals: [],
  queries: QUERIES,
  input: z.strictObject({
    request: chatRequest,
    policy: chatPolicy,
    directive: z.strictObject({
      mode: z.enum(['planning', 'adversarial', 'vote', 'refine']),
      primaryMinWeight: z.number().min(0).max(10).optional(),
      reviewMinWeight: z.number().min(0).max(10).optional(),
      iterations: z.number().int().min(0).max(10).optional(),
      primaryModelId: modelName.optional(),
      reviewModelId: modelName.optional(),
      returnPlanOnly: z.boolean().optional(),
    }),
  }),
  output: z.object({
    decision: chatDecision,
    result,
    answer: z.string(),
    costUsd: z.number(),
    usage: chatUsage,
    calls: z.number(),
  }),
  example: {
    request: { messages: [{ role: 'user', content: 'Name a colour.' }] },
    policy: {},
    directive: { mode: 'vote', iterations: 3 },
  },
  again: ({ requestId: _id, ...input }) => input,
});

const count = z.number().int().min(0);

export const streamLog = workflow<StreamLogInput, null>({
  description: 'Writes the log row of a stream that has ended.',
  queue: 'high',
  allowedQueues: ['high'],
  version: 1,
  // What it writes counts against keys: only the fleet itself starts it.
  internal: true,
  timeouts: { executionMs: LOG_MS },
  signals: [],
  queries: QUERIES,
  input: z.strictObject({
    requestId: z.string().min(1).max(200),
    parentRequestId: z.string().min(1).max(200).optional(),
    kind: z.enum(['chat', 'orchestrate', 'stream']),
    apiKeyId: z.string().min(1).max(200).optional(),
    mode: z.string().min(1).max(50),
    modelId: modelName.optional(),
    providerId: modelName.optional(),
    aliasFrom: modelName.optional(),
    success: z.boolean(),
    errorClass: z
      .enum([
        'rate_limited',
        'transient',
        'context_overflow',
        'budget_exceeded',
        'fatal',
        'schema_mismatch',
        'no_model',
      ])
      .optional(),
    attempts: count,
    latencyMs: z.number().min(0),
    latencyBudgetMs: z.number().min(0),
    costUsd: z.number().min(0),
    inputTokens: count,
    outputTokens: count,
    bytesStreamed: count.optional(),
    aborted: z.boolean().optional(),
  }),
  output: z.null(),
  example: {
    requestId: 'request-1',
    kind: 'stream',
    mode: 'normal',
    success: true,
    attempts: 1,
    latencyMs: 800,
    latencyBudgetMs: 120_000,
    costUsd: 0.002,
    inputTokens: 20,
    outputTokens: 100,
    bytesStreamed: 4096,
  },
});

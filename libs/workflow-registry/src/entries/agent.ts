import { z } from 'zod';
import { workflow } from '../entry';
import type { AgentInput, AgentOutput } from '../messages';

const single = z.strictObject({
  kind: z.literal('agent'),
  prompt: z.string().trim().min(1).max(50_000),
  system: z.string().max(20_000).optional(),
  tools: z.array(z.string().min(1).max(64)).max(50).optional(),
  maxTurns: z.number().int().min(1).max(10).optional(),
  stopText: z.string().min(1).max(1000).optional(),
  toolCalls: z.enum(['parallel', 'sequential']).optional(),
  approvals: z.enum(['never', 'always']).optional(),
  model: z.string().min(1).max(200).optional(),
});

/** Two levels instead of any number: a schema that contains itself cannot stand in an OpenAPI document part by part. */
function composed(inner: z.ZodType<AgentInput>) {
  const agents = z.array(inner).min(1).max(10);
  return z.discriminatedUnion('kind', [
    single,
    z.strictObject({ kind: z.literal('sequential'), agents }),
    z.strictObject({ kind: z.literal('parallel'), agents }),
    z.strictObject({
      kind: z.literal('loop'),
      agent: inner,
      until: z.string().min(1).max(1000),
      maxRounds: z.number().int().min(1).max(10).optional(),
    }),
  ]);
}

export const agent = workflow<AgentInput, AgentOutput>({
  description:
    'Runs an agent, or several in sequence, in parallel or in a loop: a model that plans, acts and observes.',
  queue: 'standard',
  allowedQueues: ['high', 'standard', 'background'],
  version: 1,
  timeouts: { executionMs: 7 * 86_400_000 },
  signals: [],
  queries: ['status', 'progress', 'result'],
  input: composed(composed(single)),
  output: z.object({
    answer: z.string(),
    stopped: z.enum(['answered', 'stop_text', 'max_turns']),
    turns: z.number(),
    usage: z.object({ promptTokens: z.number(), completionTokens: z.number() }),
    toolCalls: z.array(z.object({ tool: z.string(), ok: z.boolean() })),
  }),
  example: { kind: 'agent', prompt: 'How much is 17 percent of 4,200?', tools: ['calculator'] },
});

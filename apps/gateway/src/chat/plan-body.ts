import type { OrchestrationDirective, OrchestrationMode } from '@fleet/workflow-registry/messages';
import { z } from 'zod';
import { answerSchema, outputFormatSchema, requestSchema } from './chat-body';
import { policySchema } from './policy-schema';

const MODES = ['planning', 'adversarial', 'vote', 'refine'] as const satisfies readonly OrchestrationMode[];
const weight = z.number().min(0).max(10).optional();
const modelId = z.string().min(1).max(200).optional();

const orchestrationSchema = z.strictObject({
  mode: z.enum(MODES),
  primary_min_weight: weight.describe('Least weight of the models that plan, answer or vote.'),
  review_min_weight: weight.describe('Least weight of the models that criticise or judge.'),
  iterations: z
    .int()
    .min(0)
    .max(10)
    .optional()
    .describe("0 = the mode's own: adversarial 1, vote 3 voters, refine 2. Default 0."),
  primary_model_id: modelId,
  review_model_id: modelId,
  return_plan_only: z.boolean().optional().describe('Ends after the plan. Default false.'),
  output_schema: answerSchema.optional().describe('JSON schema that the answer must meet.'),
});

/** The body of POST /v1/plan. */
export const planBodySchema = z.strictObject({
  request: requestSchema.omit({ stream: true }),
  orchestration: orchestrationSchema,
  policy: policySchema.optional(),
  output_format: outputFormatSchema.optional(),
});

/** The body of POST /v1/plan, checked. */
export type PlanBody = z.infer<typeof planBodySchema>;

/** How the orchestration goes about it. */
export function toDirective({ orchestration: asked }: PlanBody): OrchestrationDirective {
  return {
    mode: asked.mode,
    ...(asked.primary_min_weight !== undefined && { primaryMinWeight: asked.primary_min_weight }),
    ...(asked.review_min_weight !== undefined && { reviewMinWeight: asked.review_min_weight }),
    ...(asked.iterations !== undefined && { iterations: asked.iterations }),
    ...(asked.primary_model_id !== undefined && { primaryModelId: asked.primary_model_id }),
    ...(asked.review_model_id !== undefined && { reviewModelId: asked.review_model_id }),
    ...(asked.return_plan_only !== undefined && { returnPlanOnly: asked.return_plan_only }),
  };
}

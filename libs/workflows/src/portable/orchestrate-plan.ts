import type { ChatOutput } from '@fleet/workflow-registry/messages';
import type { Orchestrated } from './orchestrate';
import { conversation, CRITICISE, PLAN, reworked } from './prompts';
import { reasonOf, textOf, type StepChat, type StepChats } from './step-chats';

const MOST_ITERATIONS = 10;

/** Rounds to be made: what was asked for, or the mode's own number for 0. */
export function roundsOf({ input }: StepChats, usual: number): number {
  const { iterations = 0 } = input.directive;
  return iterations <= 0 ? usual : Math.min(iterations, MOST_ITERATIONS);
}

/** What whoever plans, answers or votes is asked with. */
export function primary({ input }: StepChats): Pick<StepChat, 'minWeight' | 'model' | 'isAnswer'> {
  const { primaryMinWeight, primaryModelId } = input.directive;
  const minWeight = primaryMinWeight ?? input.policy.minWeight;
  return { minWeight, model: primaryModelId ?? input.request.modelHint, isAnswer: true };
}

/** What whoever criticises or judges is asked with. */
export function reviewer({ input }: StepChats): Pick<StepChat, 'minWeight' | 'model' | 'isAnswer'> {
  const { reviewMinWeight, reviewModelId } = input.directive;
  return { minWeight: reviewMinWeight ?? input.policy.minWeight, model: reviewModelId, isAnswer: false };
}

/** One plan. */
export async function makePlan(chats: StepChats): Promise<Orchestrated> {
  const plan = await askForPlan(chats, true);
  return ended(plan, 'planning', { initial_plan: textOf(plan) });
}

/**
 * A plan, then rounds of a critique and a plan made anew. Without a first round it would be a plan that nobody looked at, so
 * that one must succeed; a later one that fails ends the rounds.
 */
export async function criticise(chats: StepChats): Promise<Orchestrated> {
  const { returnPlanOnly = false } = chats.input.directive;
  const plan = await askForPlan(chats, returnPlanOnly);
  const initial = textOf(plan);
  if (returnPlanOnly) return ended(plan, 'adversarial', { initial_plan: initial });
  let refined = plan;
  let critique = '';
  let iterations = 0;
  for (const rounds = roundsOf(chats, 1); iterations < rounds; iterations += 1) {
    try {
      const found = await criticiseOnce(chats, textOf(refined), iterations + 1);
      ({ critique, refined } = found);
    } catch (error) {
      reasonOf(error);
      if (iterations === 0) throw error;
      break;
    }
  }
  const refinedPlan = textOf(refined);
  return ended(refined, 'adversarial', { initial_plan: initial, critique, refined_plan: refinedPlan, iterations });
}

async function criticiseOnce(
  chats: StepChats,
  plan: string,
  round: number,
): Promise<{ critique: string; refined: ChatOutput }> {
  const { messages } = chats.input.request;
  const critique = textOf(
    await chats.ask(`critique-${round}`, {
      ...reviewer(chats),
      mode: 'adversarial',
      messages: conversation(messages, plan, CRITICISE),
    }),
  );
  const refined = await chats.ask(`refine-${round}`, {
    ...primary(chats),
    mode: 'planning',
    messages: conversation(messages, plan, reworked(critique)),
  });
  return { critique, refined };
}

function askForPlan(chats: StepChats, isAnswer: boolean): Promise<ChatOutput> {
  const { messages } = chats.input.request;
  const planning = [{ role: 'system' as const, content: PLAN }, ...messages];
  return chats.ask('plan', { ...primary(chats), mode: 'planning', messages: planning, before: 1, isAnswer });
}

/** @param kind Of the orchestration, for the decision's reason. */
export function ended({ decision, ...output }: ChatOutput, kind: string, result: Orchestrated['result']): Orchestrated {
  return {
    decision: { ...decision, reason: `${kind}-orchestration` },
    result,
    answer: textOf({ decision, ...output }),
  };
}

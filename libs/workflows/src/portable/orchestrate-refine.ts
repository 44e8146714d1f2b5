import type { ChatOutput } from '@fleet/workflow-registry/messages';
import type { Orchestrated } from './orchestrate';
import { ended, primary, roundsOf } from './orchestrate-plan';
import { conversation, IMPROVE } from './prompts';
import { reasonOf, textOf, type StepChats } from './step-chats';

const USUAL_ROUNDS = 2;

/**
 * An answer that its own model improves, until it changes nothing more, fails, or has done so as often as was asked. What
 * was made so far is the answer then.
 */
export async function refine(chats: StepChats): Promise<Orchestrated> {
  const { request, policy } = chats.input;
  const { mode = 'normal' } = policy;
  let best = await chats.ask('initial', { ...primary(chats), mode, messages: request.messages });
  const { modelId: onlyModel } = best.decision;
  const { minWeight } = primary(chats);
  let iterations = 0;
  for (const rounds = roundsOf(chats, USUAL_ROUNDS); iterations < rounds;) {
    const messages = conversation(request.messages, textOf(best), IMPROVE);
    const improved = await orNothing(
      chats.ask(`refine-${iterations + 1}`, { minWeight, mode, messages, onlyModel, isAnswer: true }),
    );
    if (improved === undefined) break;
    iterations += 1;
    const isSame = textOf(improved) === textOf(best);
    best = improved;
    if (isSame) break;
  }
  return ended(best, 'refine', { refined_response: textOf(best), iterations, model: onlyModel });
}

async function orNothing(asked: Promise<ChatOutput>): Promise<ChatOutput | undefined> {
  try {
    return await asked;
  } catch (error) {
    reasonOf(error);
    return undefined;
  }
}

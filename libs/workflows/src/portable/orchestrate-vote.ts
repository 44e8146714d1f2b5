import { FleetError } from '@fleet/errors';
import type { ChatOutput, OrchestrationDirective } from '@fleet/workflow-registry/messages';
import type { Orchestrated } from './orchestrate';
import { ended, primary, reviewer } from './orchestrate-plan';
import { chosen, judging } from './prompts';
import { reasonOf, textOf, type StepChats } from './step-chats';

const USUAL_VOTERS = 3;
const MOST_VOTERS = 10;

/** Who votes and who judges. */
export interface Panel {
  readonly voters: readonly string[];
  /** Absent: no model is left for it. */
  readonly judge?: string | undefined;
}

/**
 * Voters are different models, and the judge is none of them. Where the models are few one voter fewer is asked, so that
 * there is a judge; of two models both vote.
 *
 * @param able Models that may vote, the best first. @param judges Models that may judge, the best first.
 */
export function choosePanel(
  able: readonly string[],
  judges: readonly string[],
  { iterations = 0, primaryModelId, reviewModelId }: Omit<OrchestrationDirective, 'mode'>,
): Panel {
  const wanted = iterations < 2 ? USUAL_VOTERS : Math.min(iterations, MOST_VOTERS);
  const first = able.filter((model) => model === primaryModelId);
  const inOrder = [...first, ...able.filter((model) => model !== primaryModelId)];
  const without = (judge: string): Panel => ({
    voters: inOrder.filter((model) => model !== judge).slice(0, wanted),
    judge,
  });
  if (reviewModelId !== undefined) return without(reviewModelId);
  const voters = inOrder.slice(0, wanted);
  const free = judges.find((model) => !voters.includes(model));
  if (free !== undefined) return { voters, judge: free };
  const spare = voters.length > 2 ? judges.find((model) => model !== primaryModelId) : undefined;
  return spare === undefined ? { voters } : without(spare);
}

/** Several models answer, and another one says which answer is the best. */
export async function vote(chats: StepChats): Promise<Orchestrated> {
  const { request, directive } = chats.input;
  const [able, judges] = await Promise.all([
    chats.rank({ ...primary(chats), mode: 'normal' }),
    chats.rank({ ...reviewer(chats), mode: 'high_confidence' }),
  ]);
  const primaryModelId = directive.primaryModelId ?? request.modelHint;
  const panel = choosePanel(able.modelIds, judges.modelIds, { ...directive, primaryModelId });
  const answers = await collect(chats, panel.voters);
  const [first] = answers;
  if (first === undefined) throw new FleetError('no_eligible_model', { reason: 'no model may vote' });
  const responses = answers.map((answer) => ({ model_id: answer.decision.modelId, content: textOf(answer) }));
  if (answers.length === 1) {
    const { decision, ...single } = ended(first, 'vote', { responses, selected: 0 });
    return { ...single, decision: { ...decision, reason: 'vote-single-response' } };
  }
  const verdict = await judgeThem(chats, panel, responses);
  const { selected = 0 } = verdict;
  return ended(answers[selected] ?? first, 'vote', { responses, ...verdict, selected });
}

/** The answers of those that gave one, in the order of the voters. @throws what the first voter failed with when all did. */
async function collect(chats: StepChats, voters: readonly string[]): Promise<readonly ChatOutput[]> {
  const { messages } = chats.input.request;
  const { minWeight } = primary(chats);
  const asked = voters.map((onlyModel, index) =>
    chats.ask(`vote-${index + 1}`, { mode: 'normal', minWeight, onlyModel, messages, isAnswer: true }),
  );
  const settled = await Promise.allSettled(asked);
  const failures = settled.filter((each) => each.status === 'rejected').map(({ reason }) => reason as unknown);
  for (const failure of failures) reasonOf(failure);
  if (failures.length > 0 && failures.length === settled.length) throw failures[0];
  return settled.filter((each) => each.status === 'fulfilled').map(({ value }) => value);
}

interface JudgeVerdict {
  readonly selected?: number;
  readonly judge?: string;
  readonly judge_error?: string;
}

async function judgeThem(
  chats: StepChats,
  { voters, judge: model }: Panel,
  responses: readonly { readonly content: string }[],
): Promise<JudgeVerdict> {
  if (model === undefined) return { judge_error: 'no model is left to judge: all of them voted' };
  const messages = judging(
    chats.input.request.messages,
    responses.map(({ content }) => content),
  );
  try {
    const asked = { ...reviewer(chats), mode: 'high_confidence' as const, messages, model, excludeModels: voters };
    const output = await chats.ask('judge', asked);
    const judge = output.decision.modelId;
    const number = chosen(textOf(output), responses.length);
    if (number !== undefined) return { selected: number - 1, judge };
    return { judge, judge_error: `it named none of the ${responses.length} answers` };
  } catch (error) {
    return { judge_error: reasonOf(error) };
  }
}

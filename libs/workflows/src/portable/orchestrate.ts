import { defineWorkflow } from '@fleet/durable-executor/context';
import type {
  ChatDecision,
  ChatLogEntry,
  OrchestrateInput,
  OrchestrateOutput,
  OrchestrationMode,
  OrchestrationResult,
} from '@fleet/workflow-registry/messages';
import { limitOf } from './chat';
import { classOf } from './chat-failure';
import { criticise, makePlan } from './orchestrate-plan';
import { refine } from './orchestrate-refine';
import { vote } from './orchestrate-vote';
import { stepChats, type StepChats } from './step-chats';
import { logRequest } from './stream-log';

/** What a mode makes of its chats. */
export interface Orchestrated {
  readonly decision: ChatDecision;
  readonly result: OrchestrationResult;
  readonly answer: string;
}

const MODES: Readonly<Record<OrchestrationMode, (chats: StepChats) => Promise<Orchestrated>>> = {
  planning: makePlan,
  adversarial: criticise,
  vote,
  refine,
};

/**
 * Answers by several chats, each a child workflow with a log row of its own; one more row says what they came to together.
 * The request's time is the time of all of them, its budget that of each.
 */
export const orchestrate = defineWorkflow<OrchestrateInput, OrchestrateOutput>(
  'orchestrate',
  async (context, input) => {
    const requestId = input.requestId ?? context.uuid();
    const limitMs = limitOf(input.policy);
    const chats = stepChats(context, { ...input, requestId }, limitMs);
    const begun = context.now();
    const row = () => ({
      ...rowOf({ ...input, requestId }, chats),
      latencyMs: context.now() - begun,
      latencyBudgetMs: limitMs,
    });
    let made: Orchestrated;
    try {
      made = await MODES[input.directive.mode](chats);
    } catch (error) {
      await logRequest(context, { ...row(), success: false, errorClass: classOf(error) });
      throw error;
    }
    const { modelId, providerId, aliasFrom } = made.decision;
    await logRequest(context, { ...row(), success: true, modelId, providerId, aliasFrom });
    return { ...made, ...chats.totals() };
  },
);

type Row = Omit<ChatLogEntry, 'success' | 'latencyMs' | 'latencyBudgetMs'>;

function rowOf({ requestId = '', apiKeyId, directive }: OrchestrateInput, chats: StepChats): Row {
  const { costUsd, usage, calls } = chats.totals();
  const { mode } = directive;
  return { requestId, kind: 'orchestrate', apiKeyId, mode, attempts: calls, costUsd, ...usage };
}

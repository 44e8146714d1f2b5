import { FleetError } from '@fleet/errors';
import { isCanceledError, ChildWorkflowError, type WorkflowContext } from '@fleet/durable-executor/context';
import type {
  ChatMessage,
  ChatMode,
  ChatOutput,
  ChatUsage,
  OrchestrateInput,
  RankedModels,
} from '@fleet/workflow-registry/messages';
import { chat } from './chat';
import { ChatFailed } from './chat-failure';
import { rankModels } from './chat-steps';

/** A child has this much longer than its request, for the log. */
const CHILD_MARGIN_MS = 60_000;

/** What one step of an orchestration asks. */
export interface StepChat {
  readonly messages: readonly ChatMessage[];
  /** How many of `messages` come before the request's own, which may be in an artefact. Default 0. */
  readonly before?: number | undefined;
  readonly mode: ChatMode;
  readonly minWeight?: number | undefined;
  /** A wish. */
  readonly model?: string | undefined;
  /** This model or none. */
  readonly onlyModel?: string | undefined;
  readonly excludeModels?: readonly string[] | undefined;
  /** Whether its answer may be what the caller gets: it has the caller's parameters and must meet the output schema. */
  readonly isAnswer: boolean;
}

/** What the chats of an orchestration came to together. */
export interface Totals {
  readonly costUsd: number;
  readonly usage: ChatUsage;
  readonly calls: number;
}

/** The chats of one orchestration: each a child workflow with an id of its own. */
export interface StepChats {
  readonly input: OrchestrateInput;
  /** Epoch milliseconds. */
  readonly deadline: number;
  /** @throws ChatFailed with the type that the chat failed with; CanceledError; FleetError `provider_timeout` */
  ask(step: string, asked: StepChat): Promise<ChatOutput>;
  /** The models that may do a step, the wished for first, then the best. @throws FleetError `unknown_model` */
  rank(asked: Pick<StepChat, 'mode' | 'minWeight' | 'model'>): Promise<RankedModels>;
  totals(): Totals;
}

/** @param limitMs Of all of them together. */
export function stepChats(
  context: WorkflowContext,
  input: OrchestrateInput & { readonly requestId: string },
  limitMs: number,
): StepChats {
  const { requestId, apiKeyId, request, policy } = input;
  const deadline = context.now() + limitMs;
  let totals: Totals = { costUsd: 0, usage: { inputTokens: 0, outputTokens: 0 }, calls: 0 };
  const { meta, parameters, outputSchema, estimatedInputTokens, messagesArtifactId, messages: original } = request;
  const ask: StepChats['ask'] = async (step, { messages, before, mode, minWeight, model, isAnswer, ...models }) => {
    const maxLatencyMs = deadline - context.now();
    if (maxLatencyMs <= 0)
      throw new FleetError('provider_timeout', { limitMs, reason: `no time was left for ${step}` });
    const own = {
      messages,
      ...(messagesArtifactId !== undefined && { messagesArtifactId, messagesBefore: before }),
      modelHint: model,
      meta,
      ...(messages === original && { estimatedInputTokens }),
      ...(isAnswer && { parameters, outputSchema }),
    };
    totals = { ...totals, calls: totals.calls + 1 };
    const output = await asChild(context, {
      requestId: `${requestId}-${step}`,
      parentRequestId: requestId,
      apiKeyId,
      request: own,
      policy: { ...policy, mode, minWeight, maxLatencyMs },
      ...models,
    });
    const { inputTokens, outputTokens } = totals.usage;
    totals = {
      calls: totals.calls,
      costUsd: totals.costUsd + output.costUsd,
      usage: {
        inputTokens: inputTokens + output.usage.inputTokens,
        outputTokens: outputTokens + output.usage.outputTokens,
      },
    };
    return output;
  };
  const rank: StepChats['rank'] = ({ mode, minWeight, model }) =>
    context.executeActivity(rankModels, {
      request: { ...request, modelHint: model },
      policy: { ...policy, mode, minWeight },
      excludeModels: [],
    });
  return { input, deadline, ask, rank, totals: () => totals };
}

async function asChild(
  context: WorkflowContext,
  input: Parameters<typeof chat.run>[1] & { readonly requestId: string },
): Promise<ChatOutput> {
  const timeout = (input.policy.maxLatencyMs ?? 0) + CHILD_MARGIN_MS;
  try {
    return await context.executeChild(chat, input, { id: input.requestId, timeout });
  } catch (error) {
    if (error instanceof ChildWorkflowError && !context.cancellation.requested) throw new ChatFailed(error.failure);
    throw error;
  }
}

/** The text of an answer. */
export function textOf({ response }: ChatOutput): string {
  return response.choices[0]?.message.content ?? '';
}

/** Why a step failed; a cancellation is no such reason and is thrown on. */
export function reasonOf(error: unknown): string {
  if (isCanceledError(error) || !(error instanceof Error)) throw error;
  return error.message;
}

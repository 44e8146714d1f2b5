import { defineWorkflow, isActivityError, type WorkflowContext } from '@fleet/durable-executor/context';
import type {
  ChatAnswered,
  ChatAttemptResult,
  ChatErrorClass,
  ChatInput,
  ChatLogEntry,
  ChatNarrowing,
  ChatOutput,
  ChatPolicy,
  ChatUnanswered,
} from '@fleet/workflow-registry/messages';
import { chatError, classOf } from './chat-failure';
import { askModel } from './chat-steps';
import { logLater, logRequest } from './stream-log';

const MOST_ATTEMPTS = 5;
const DEFAULT_LIMIT_MS = 120_000;

/** A chat whose request has its id. */
type OwnChat = ChatInput & { readonly requestId: string };

/** What came of the attempts of a chat. */
interface Asked {
  /** The last one; of several without an answer the last that asked a model. */
  readonly result: ChatAttemptResult;
  readonly attempts: number;
  /** Of all of them: an answer that was refused was paid for. */
  readonly costUsd: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Milliseconds that a request has in all. */
export function limitOf({ maxLatencyMs }: ChatPolicy): number {
  return maxLatencyMs === undefined || maxLatencyMs === 0 ? DEFAULT_LIMIT_MS : maxLatencyMs;
}

/**
 * Asks models until one answers, 5 times at most, and writes one log row. Each attempt says itself what the next one is to
 * be; here is only the loop, so that a request needs two activities when the first model answers.
 */
export const chat = defineWorkflow<ChatInput, ChatOutput>('chat', async (context, input) => {
  const own: OwnChat = { ...input, requestId: input.requestId ?? context.uuid() };
  const limitMs = limitOf(own.policy);
  const deadline = context.now() + limitMs;
  let asked: Asked;
  try {
    asked = await askInTurn(context, own, deadline);
  } catch (error) {
    await logUnasked(context, own, error);
    throw error;
  }
  const { result, attempts, costUsd, ...tokens } = asked;
  await logRequest(context, {
    ...rowOf(own),
    ...(result.ok ? answeredBy(result) : unansweredBy(result)),
    attempts,
    costUsd,
    ...tokens,
  });
  if (!result.ok) throw chatError(result, { late: context.now() >= deadline, limitMs });
  const { decision, response, latencyMs, usage } = result;
  return { decision, response, latencyMs, costUsd, usage, attempts };
});

async function askInTurn(context: WorkflowContext, own: OwnChat, deadline: number): Promise<Asked> {
  const { requestId, apiKeyId, request, policy, excludeModels = [], onlyModel } = own;
  let narrowing: ChatNarrowing = { excludeModels, ...(onlyModel !== undefined && { pinnedModel: onlyModel }) };
  let total = { costUsd: 0, inputTokens: 0, outputTokens: 0 };
  let last: ChatUnanswered | undefined;
  for (let step = 1; ; step += 1) {
    const attempt = { requestId, step, apiKeyId, request, policy, narrowing, deadline };
    const result = await context.executeActivity(askModel, attempt);
    total = {
      costUsd: total.costUsd + (result.costUsd ?? 0),
      inputTokens: total.inputTokens + (result.usage?.inputTokens ?? 0),
      outputTokens: total.outputTokens + (result.usage?.outputTokens ?? 0),
    };
    if (result.ok) return { result, attempts: step, ...total };
    // That no model is left says less than what the last one failed with.
    if (last === undefined || result.decision !== undefined) last = result;
    const { next } = result;
    const isOver = next === undefined || step === MOST_ATTEMPTS || deviates(next.narrowing, onlyModel);
    if (isOver || context.now() + next.afterMs >= deadline) return { result: last, attempts: step, ...total };
    if (next.afterMs > 0) await context.sleep(next.afterMs);
    ({ narrowing } = next);
  }
}

function deviates({ pinnedModel }: ChatNarrowing, onlyModel: string | undefined): boolean {
  return onlyModel !== undefined && pinnedModel !== onlyModel;
}

type Row = Pick<ChatLogEntry, 'requestId' | 'parentRequestId' | 'kind' | 'apiKeyId' | 'mode' | 'latencyBudgetMs'>;

function rowOf({ requestId, parentRequestId, apiKeyId, policy }: OwnChat): Row {
  const { mode = 'normal' } = policy;
  return { requestId, parentRequestId, kind: 'chat', apiKeyId, mode, latencyBudgetMs: limitOf(policy) };
}

type Verdict = Pick<ChatLogEntry, 'success' | 'errorClass' | 'modelId' | 'providerId' | 'aliasFrom' | 'latencyMs'>;

function answeredBy({ decision, latencyMs }: ChatAnswered): Verdict {
  const { modelId, providerId, aliasFrom } = decision;
  return { success: true, modelId, providerId, aliasFrom, latencyMs };
}

function unansweredBy({ decision, latencyMs, errorClass }: ChatUnanswered): Verdict {
  const { modelId, providerId, aliasFrom } = decision ?? {};
  return { success: false, errorClass, modelId, providerId, aliasFrom, latencyMs };
}

/** The row of a chat that was not tried to its end: its hint names nothing, Postgres is away, or it was cancelled. */
async function logUnasked(context: WorkflowContext, own: OwnChat, error: unknown): Promise<void> {
  const errorClass: ChatErrorClass = classOf(error);
  const nothing = { attempts: 0, latencyMs: 0, costUsd: 0, inputTokens: 0, outputTokens: 0 };
  const entry: ChatLogEntry = { ...rowOf(own), success: false, errorClass, ...nothing };
  // What kept the claim from being made would keep the row from being written, too.
  if (isActivityError(error) && error.failure.type === 'store_unavailable') await logLater(context, entry);
  else await logRequest(context, entry);
}

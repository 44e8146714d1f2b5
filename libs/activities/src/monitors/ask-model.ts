import { setTimeout as delay } from 'node:timers/promises';
import { FleetError, type ErrorCode } from '@fleet/errors';
import type { Router } from '@fleet/model-router';
import type { ProviderCalls } from '@fleet/store';
import type {
  ChatAnswered,
  ChatErrorClass,
  ChatLogEntry,
  ChatMessage,
  ChatNarrowing,
  ChatUnanswered,
} from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';
import { callOnce } from '../chat/claimed-call';

const MOST_ATTEMPTS = 5;

/** What a monitor asks models with. */
export interface ModelAsking {
  readonly store: { readonly providerCalls: ProviderCalls };
  readonly router: Router;
  /** Notes what was asked and what it cost, once for each request id. */
  readonly log: (entry: ChatLogEntry, scope: Pick<ActivityScope, 'signal' | 'owner'>) => Promise<void>;
}

/** One question of a monitor. */
export interface ModelQuestion {
  /** With the step it names the question: it is asked once, whoever asks it and however often. */
  readonly requestId: string;
  /** 1 = the search, 2 = the comparison. */
  readonly step: 1 | 2;
  readonly owner: string;
  readonly messages: readonly ChatMessage[];
  readonly outputSchema: Readonly<Record<string, unknown>>;
  /** A model or alias. Default: one is chosen. */
  readonly model?: string | undefined;
  /** Milliseconds for all attempts. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** An answer that is kept, and what it took. */
type Kept = Pick<ChatAnswered, 'decision' | 'usage' | 'latencyMs'> & {
  readonly text: string;
  readonly attempts: number;
  readonly costUsd: number;
};

/**
 * Asks until one model answers, and gives the answer read as JSON that meets the schema. An answer that was had is never
 * asked for again: a later attempt gets the same. It leaves a row in the log of chats.
 *
 * @throws FleetError `provider_rate_limited`, `provider_timeout`, `provider_failed`, `output_schema_mismatch` and the others
 *   of chats; `store_unavailable`; the signal's reason.
 */
export async function askForJson(asking: ModelAsking, question: ModelQuestion): Promise<unknown> {
  const { requestId, step, signal, owner, limitMs } = question;
  const outcome = await callOnce(asking.store.providerCalls, {
    requestId,
    step,
    signal,
    make: async (aborted) => JSON.stringify(await askInTurn(asking.router, question, aborted)),
  });
  const { text, decision, usage, latencyMs, attempts, costUsd } = JSON.parse(outcome) as Kept;
  const { modelId, providerId, aliasFrom } = decision;
  const asked = { requestId: rowIdOf(question), kind: 'chat', mode: 'normal', modelId, providerId, aliasFrom } as const;
  await asking.log(
    { ...asked, success: true, attempts, latencyMs, latencyBudgetMs: limitMs, costUsd, ...usage },
    { signal, owner },
  );
  return JSON.parse(text) as unknown;
}

function rowIdOf({ requestId, step }: ModelQuestion): string {
  return `${requestId}-${step === 1 ? 'search' : 'compare'}`;
}

async function askInTurn(router: Router, question: ModelQuestion, signal: AbortSignal): Promise<Kept> {
  const { messages, outputSchema, model, limitMs } = question;
  const deadline = Date.now() + limitMs;
  const request = { messages, outputSchema, ...(model !== undefined && { modelHint: model }) };
  let narrowing: ChatNarrowing = { excludeModels: [] };
  let costUsd = 0;
  for (let step = 1; ; step += 1) {
    const attempt = {
      requestId: rowIdOf(question),
      step,
      request,
      policy: { maxLatencyMs: limitMs },
      narrowing,
      deadline,
    };
    const result = await router.attempt(attempt, { signal });
    costUsd += result.costUsd ?? 0;
    if (result.ok) {
      const text = result.response.choices[0]?.message.content ?? '';
      const { decision, usage, latencyMs } = result;
      return { text, decision, usage, latencyMs, attempts: step, costUsd };
    }
    const { next } = result;
    if (next === undefined || step === MOST_ATTEMPTS || Date.now() + next.afterMs >= deadline)
      throw errorOf(result, limitMs, Date.now() >= deadline);
    if (next.afterMs > 0) await delay(next.afterMs, undefined, { signal });
    ({ narrowing } = next);
  }
}

const CODE_OF: Partial<Record<ChatErrorClass, ErrorCode>> = {
  no_model: 'no_eligible_model',
  rate_limited: 'provider_rate_limited',
  context_overflow: 'context_overflow',
  budget_exceeded: 'provider_budget_exceeded',
  schema_mismatch: 'output_schema_mismatch',
};

function errorOf({ errorClass, message, decision }: ChatUnanswered, limitMs: number, isLate: boolean): FleetError {
  const code = CODE_OF[errorClass] ?? (isLate ? 'provider_timeout' : 'provider_failed');
  return new FleetError(code, { provider: decision?.providerId ?? 'none', reason: message, limitMs });
}

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChatActivities } from '@fleet/activities/chat';
import { FleetError } from '@fleet/errors';
import type { DurableExecutor } from '@fleet/durable-executor';
import type { Dispatcher } from '@fleet/durable-executor/dispatch';
import type { StandInProvider } from '@fleet/stand-in-provider';
import type { ChatLogRow, Store } from '@fleet/store';
import type { ChatInput, ChatOutput, OrchestrateInput, OrchestrateOutput } from '@fleet/workflow-registry/messages';
import { chat, orchestrate } from '@fleet/workflows/portable';

/** What the chat suites run on. */
export interface ChatWorld {
  readonly executor: DurableExecutor;
  readonly dispatcher: Dispatcher;
  readonly provider: StandInProvider;
  readonly store: Store;
  readonly outage: Outage;
}

/** What Postgres does not do for the activities of a world. */
export interface Outage {
  /** No log rows are written. */
  rows?: boolean;
  /** No calls are claimed. */
  claims?: boolean;
}

/** The chat activities on a store that can be away. */
export function withOutage(real: ChatActivities, outage: Outage): Pick<ChatActivities, 'chat' | 'logResult'> {
  return {
    chat: async (attempt, scope) => {
      requireStore(outage.claims);
      return real.chat(attempt, scope);
    },
    logResult: async (entry, scope) => {
      requireStore(outage.rows);
      return real.logResult(entry, scope);
    },
  };
}

function requireStore(isAway: boolean | undefined): void {
  if (isAway) throw new FleetError('store_unavailable');
}

/** The models of the suites, the heaviest first, each at a provider of its own; `pair` is an alias of the first. */
export const MODELS = ['large', 'medium', 'small', 'tiny'] as const;

/** Writes the catalog of the suites. @returns the variables that lead to it. */
export function chatCatalog(provider: StandInProvider): Readonly<Record<string, string>> {
  const path = join(mkdtempSync(join(tmpdir(), 'fleet-models-')), 'models.json');
  const catalog = {
    providers: MODELS.map((id) => ({ id: `at-${id}`, kind: 'openai', base_url: provider.url })),
    models: MODELS.map((id, index) => ({
      id,
      provider_id: `at-${id}`,
      weight: 9 - 2 * index,
      context_tokens: 100_000,
      input_per_1k: 0.01 / (index + 1),
      output_per_1k: 0.03 / (index + 1),
    })),
    aliases: [{ name: 'pair', variants: [{ model_id: 'large', weight: 1 }], sticky_by: 'api_key' }],
  };
  writeFileSync(path, JSON.stringify(catalog));
  return { FLEET_MODELS: path };
}

let made = 0;
/** A request id that no other test has. */
export const newRequest = (): string => `r${process.pid}-${(made += 1)}`;

/** A chat of one message. */
export function chatOf(content: string, more: Partial<ChatInput> & { readonly hint?: string } = {}): ChatInput {
  const { hint, ...rest } = more;
  const request = { messages: [{ role: 'user' as const, content }], ...(hint !== undefined && { modelHint: hint }) };
  return { requestId: newRequest(), request, policy: {}, ...rest };
}

/** Runs a chat under the id that the gateway gives it. */
export function runChat({ dispatcher }: ChatWorld, input: ChatInput, owner = 'local'): Promise<ChatOutput> {
  return dispatcher.run(chat, input, { id: `chat-${input.requestId}`, timeout: '2 minutes', owner });
}

/** Runs an orchestration under the id that the gateway gives it. */
export function runOrchestration({ dispatcher }: ChatWorld, input: OrchestrateInput): Promise<OrchestrateOutput> {
  return dispatcher.run(orchestrate, input, { id: `plan-${input.requestId}`, timeout: '3 minutes' });
}

/** The log rows of a request, then of its steps, by request id. */
export async function rowsOf({ store }: ChatWorld, requestId: string): Promise<readonly ChatLogRow[]> {
  const rows = await store.chatLog.list({}, 1001);
  return rows
    .filter((row) => row.requestId === requestId || row.parentRequestId === requestId)
    .toSorted((a, b) => (a.requestId < b.requestId ? -1 : 1));
}

import { FleetError } from '@fleet/errors';
import { bucketOf, rewardOf, type Router } from '@fleet/model-router';
import type { NewChatLogRow, Store } from '@fleet/store';
import type {
  ChatAttempt,
  ChatAttemptResult,
  ChatLogEntry,
  ChatMessage,
  ChatRequest,
  RankedModels,
  RankModelsInput,
} from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';
import { callOnce } from './claimed-call';

export { routerFrom, type LiveRouter } from './router-from';

/** What the chat activities are handed. */
export interface ChatDependencies {
  readonly store: Pick<Store, 'artifacts' | 'chatLog' | 'providerCalls'>;
  readonly router: Router;
  /** Told of each request once, by whoever wrote its row: for metrics. Default: nobody is. */
  readonly onLogged?: ((row: NewChatLogRow) => void) | undefined;
}

/**
 * The effects of a chat. They run in a worker and in a gateway alike, so this folder loads neither the native bridge of
 * Temporal nor anything heavy.
 */
export function createChatActivities({ store, router, onLogged }: ChatDependencies) {
  return {
    /**
     * One attempt: chooses a model and asks it, once for each request and step whoever else makes the attempt, too. A
     * provider's failure is a result.
     *
     * @throws FleetError `unknown_model`, `invalid_input`; `store_unavailable`: without Postgres nothing is asked, since
     * nobody could tell who else asks.
     */
    chat: async (attempt: ChatAttempt, { signal, owner }: ActivityScope): Promise<ChatAttemptResult> => {
      const { requestId, step } = attempt;
      const outcome = await callOnce(store.providerCalls, {
        requestId,
        step,
        signal,
        make: async (aborted) => {
          const request = await wholeRequest(store, attempt.request, owner);
          return JSON.stringify(await router.attempt({ ...attempt, request }, { signal: aborted }));
        },
      });
      return JSON.parse(outcome) as ChatAttemptResult;
    },

    /** The models that may answer, the best first. @throws FleetError `unknown_model`; of large messages `artifact_not_found` */
    rankModels: async (input: RankModelsInput, { signal, owner }: ActivityScope): Promise<RankedModels> => {
      signal.throwIfAborted();
      return router.rank({ ...input, request: await wholeRequest(store, input.request, owner) });
    },

    /** Writes all that is kept of a request, once for each request id. @throws FleetError `store_unavailable` */
    logResult: async (
      entry: ChatLogEntry,
      { signal, owner }: Pick<ActivityScope, 'signal' | 'owner'>,
    ): Promise<void> => {
      signal.throwIfAborted();
      const row = { ...entry, owner, ...sampleOf(entry) };
      if (await store.chatLog.write(row)) onLogged?.(row);
    },
  };
}

/** The request with its messages, wherever they are. @throws FleetError `artifact_not_found`, `store_unavailable` */
async function wholeRequest(
  { artifacts }: ChatDependencies['store'],
  request: ChatRequest,
  owner: string,
): Promise<ChatRequest> {
  const { messagesArtifactId: id, messagesBefore: before = 0, ...rest } = request;
  if (id === undefined) return request;
  if ((await artifacts.get(id)).owner !== owner) throw new FleetError('artifact_not_found', { id });
  const stored = JSON.parse((await artifacts.readAll(id)).toString()) as readonly ChatMessage[];
  return { ...rest, messages: [...rest.messages.slice(0, before), ...stored, ...rest.messages.slice(before)] };
}

/** What a request says of the model that was asked. Of an orchestration its chats do; an error of the caller's says nothing. */
function sampleOf(entry: ChatLogEntry): Pick<NewChatLogRow, 'reward' | 'bucket'> {
  const { kind, modelId, errorClass, inputTokens } = entry;
  if (kind === 'orchestrate' || modelId === undefined || errorClass === 'context_overflow') return {};
  return { reward: rewardOf(entry), bucket: bucketOf(inputTokens) };
}

/** The activities of a chat, for the local executor of a gateway. */
export type ChatActivities = ReturnType<typeof createChatActivities>;

import { defineActivity } from '@fleet/durable-executor/context';
import type {
  ChatAttempt,
  ChatAttemptResult,
  ChatLogEntry,
  RankedModels,
  RankModelsInput,
} from '@fleet/workflow-registry/messages';

/** Chooses a model and asks it. What a provider fails at is a result: it is tried again only when Postgres or a worker failed. */
export const askModel = defineActivity<ChatAttempt, ChatAttemptResult>('chat', {
  startToClose: '3 minutes',
  heartbeat: '10 s',
  retry: { maximumAttempts: 3, initialInterval: '200 ms', maximumInterval: '2 s' },
});

/** The models that may answer, the best first. */
export const rankModels = defineActivity<RankModelsInput, RankedModels>('rankModels', {
  startToClose: '10 s',
  retry: { maximumAttempts: 3, initialInterval: '100 ms', maximumInterval: '1 s' },
});

/** Writes the log row while somebody waits for the answer: 6 seconds at most. */
export const logWhileWaiting = defineActivity<ChatLogEntry, void>('logResult', {
  startToClose: '3 s',
  retry: { maximumAttempts: 2, initialInterval: '100 ms' },
});

/** Writes the log row when nobody waits: an outage of Postgres is waited for, however long. */
export const logAtLast = defineActivity<ChatLogEntry, void>('logResult', {
  startToClose: '30 s',
  heartbeat: '10 s',
  retry: { maximumAttempts: 100_000, initialInterval: '500 ms', maximumInterval: '30 s' },
});

import type postgres from 'postgres';

/** What is logged of one request to models. */
export interface NewChatLogRow {
  /** Unique: what is logged again under the same id changes nothing. */
  readonly requestId: string;
  /** The orchestration it is a step of. */
  readonly parentRequestId?: string | undefined;
  readonly kind: 'chat' | 'orchestrate' | 'stream';
  readonly owner: string;
  /** Absent: no key was used. */
  readonly apiKeyId?: string | undefined;
  readonly mode: string;
  /** Absent when no model was left to ask. */
  readonly modelId?: string | undefined;
  readonly providerId?: string | undefined;
  readonly aliasFrom?: string | undefined;
  readonly success: boolean;
  /** Such as `rate_limited`. */
  readonly errorClass?: string | undefined;
  readonly attempts: number;
  readonly latencyMs: number;
  readonly latencyBudgetMs: number;
  /** US dollars. Of an orchestration the sum of its chats. */
  readonly costUsd: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly bytesStreamed?: number | undefined;
  /** A stream whose reader left, or that was cut. */
  readonly aborted?: boolean | undefined;
  /** 0 to 1: a sample for the model's arm. With it goes `bucket`. */
  readonly reward?: number | undefined;
  /** Size of the request, by its input tokens. */
  readonly bucket?: RewardBucket | undefined;
}

/** Size of a request: below 1,000 input tokens, up to 10,000, above. */
export type RewardBucket = 'small' | 'medium' | 'large';

/** One line of the log. */
export interface ChatLogRow {
  readonly requestId: string;
  readonly parentRequestId: string | null;
  readonly kind: NewChatLogRow['kind'];
  readonly owner: string;
  readonly apiKeyId: string | null;
  readonly mode: string;
  readonly modelId: string | null;
  readonly providerId: string | null;
  readonly aliasFrom: string | null;
  readonly success: boolean;
  readonly errorClass: string | null;
  readonly attempts: number;
  readonly latencyMs: number;
  readonly latencyBudgetMs: number;
  /** US dollars. */
  readonly costUsd: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null for what was not a stream. */
  readonly bytesStreamed: number | null;
  readonly aborted: boolean;
  /** Null when the request gave no sample. */
  readonly reward: number | null;
  readonly bucket: RewardBucket | null;
  readonly createdAt: Date;
}

/** The columns of a ChatLogRow, from `chat_log` as `log` and `chat_rewards` as `rewards`. */
export function chatLogColumns(sql: postgres.Sql) {
  return sql`log.request_id as "requestId", log.parent_request_id as "parentRequestId", log.kind, log.owner,
    log.api_key_id as "apiKeyId", log.mode, log.model_id as "modelId", log.provider_id as "providerId",
    log.alias_from as "aliasFrom", log.success, log.error_class as "errorClass", log.attempts,
    log.latency_ms as "latencyMs", log.latency_budget_ms as "latencyBudgetMs", log.cost_usd as "costUsd",
    log.input_tokens::double precision as "inputTokens", log.output_tokens::double precision as "outputTokens",
    log.bytes_streamed::double precision as "bytesStreamed", log.aborted, rewards.reward, rewards.bucket,
    log.created_at as "createdAt"`;
}

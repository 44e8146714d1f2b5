import type { Database } from '../database';
import { chatLogColumns, type ChatLogRow } from './row';

/** Where a page of the list ended. */
export interface ChatLogCursor {
  readonly createdAt: Date;
  readonly requestId: string;
}

/** What the list is narrowed to; what is left out does not narrow. */
export interface ChatLogFilter {
  readonly owner?: string | undefined;
  readonly modelId?: string | undefined;
  readonly providerId?: string | undefined;
  readonly apiKeyId?: string | undefined;
  readonly success?: boolean | undefined;
  /** The steps of that orchestration. */
  readonly parentRequestId?: string | undefined;
  readonly after?: ChatLogCursor | undefined;
}

/** The lines that fit, newest first. */
export async function listChatLog(
  database: Database,
  filter: ChatLogFilter,
  limit: number,
): Promise<readonly ChatLogRow[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1001) throw new RangeError(`limit ${limit} is not 1 to 1001`);
  const { owner, modelId, providerId, apiKeyId, success, parentRequestId, after } = filter;
  return database.run((sql) => {
    const narrowed = [
      owner === undefined ? sql`` : sql`and log.owner = ${owner}`,
      modelId === undefined ? sql`` : sql`and log.model_id = ${modelId}`,
      providerId === undefined ? sql`` : sql`and log.provider_id = ${providerId}`,
      apiKeyId === undefined ? sql`` : sql`and log.api_key_id = ${apiKeyId}`,
      success === undefined ? sql`` : success ? sql`and log.success` : sql`and not log.success`,
      parentRequestId === undefined ? sql`` : sql`and log.parent_request_id = ${parentRequestId}`,
      after === undefined
        ? sql``
        : sql`and (log.created_at, log.request_id) < (${after.createdAt}, ${after.requestId})`,
    ];
    return sql<ChatLogRow[]>`
      select ${chatLogColumns(sql)} from chat_log as log
      left join chat_rewards as rewards on rewards.request_id = log.request_id
      where true ${narrowed}
      order by log.created_at desc, log.request_id desc
      limit ${limit}`;
  });
}

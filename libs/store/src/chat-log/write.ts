import type { Database } from '../database';
import { notify } from '../events';
import type { NewChatLogRow } from './row';

/** Writes all that is kept of a request. It is one statement, so it is all there or not at all, and there once. */
export async function writeChatLog(database: Database, row: NewChatLogRow): Promise<boolean> {
  const { requestId, kind, owner, mode, success, attempts, latencyMs, latencyBudgetMs, costUsd } = row;
  const { parentRequestId = null, apiKeyId = null, modelId = null, providerId = null, aliasFrom = null } = row;
  const { errorClass = null, inputTokens, outputTokens, bytesStreamed = null, aborted = false } = row;
  const { reward = null, bucket = null } = row;
  const written = await database.run(
    (sql) => sql`
      with logged as (
        insert into chat_log (request_id, parent_request_id, kind, owner, api_key_id, mode, model_id, provider_id,
          alias_from, success, error_class, attempts, latency_ms, latency_budget_ms, cost_usd, input_tokens,
          output_tokens, bytes_streamed, aborted)
        values (${requestId}, ${parentRequestId}, ${kind}, ${owner}, ${apiKeyId}, ${mode}, ${modelId}, ${providerId},
          ${aliasFrom}, ${success}, ${errorClass}, ${attempts}, ${latencyMs}, ${latencyBudgetMs}, ${costUsd},
          ${inputTokens}, ${outputTokens}, ${bytesStreamed}, ${aborted})
        on conflict (request_id) do nothing
        returning *
      ), rewarded as (
        insert into chat_rewards (request_id, model_id, bucket, reward, at)
        select request_id, model_id, ${bucket}::text, ${reward}::double precision, created_at from logged
        where model_id is not null and ${bucket}::text is not null and ${reward}::double precision is not null
      ), measured as (
        insert into chat_points (at, model_id, provider_id, latency_ms, cost_usd, tokens, errors, stream_bytes)
        select created_at, model_id, provider_id, latency_ms, cost_usd, input_tokens + output_tokens,
          case when success then 0 else 1 end, bytes_streamed
        -- The chats of an orchestration have points of their own.
        from logged where kind <> 'orchestrate'
      ), told as (
        insert into events (type, at, data)
        select ${success ? 'route_success' : 'route_error'}, created_at, ${eventData(row)} from logged
        returning seq
      )
      select ${notify(sql)} from told`,
  );
  return written.length === 1;
}

function eventData(row: NewChatLogRow): string {
  const { requestId, parentRequestId, kind, owner, apiKeyId, mode, modelId, providerId, aliasFrom, errorClass } = row;
  const { attempts, latencyMs, costUsd } = row;
  return JSON.stringify({
    request_id: requestId,
    parent_request_id: parentRequestId,
    kind,
    owner,
    api_key_id: apiKeyId,
    mode,
    model_id: modelId,
    provider_id: providerId,
    alias_from: aliasFrom,
    error_class: errorClass,
    // How often another attempt followed one that got no answer.
    escalations: Math.max(0, attempts - 1),
    latency_ms: latencyMs,
    cost_usd: costUsd,
  });
}

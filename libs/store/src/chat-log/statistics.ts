import type postgres from 'postgres';
import type { Database } from '../database';

/** What statistics are taken apart by. */
export type StatisticsGroup = 'model' | 'provider' | 'api_key' | 'mode';

/** Which requests statistics are of. */
export interface StatisticsWindow {
  readonly since: Date;
  /** Default: now. */
  readonly until?: Date | undefined;
  /** Default: one row of all. */
  readonly groupBy?: StatisticsGroup | undefined;
  readonly owner?: string | undefined;
}

/** Figures of the requests of one group. An orchestration's own row is left out: its chats are there. */
export interface ChatStatistics {
  /** Null without `groupBy`, and for requests that had none, such as those without an API key. */
  readonly group: string | null;
  readonly requests: number;
  readonly errors: number;
  /** Milliseconds, failed requests included; null without requests. */
  readonly averageLatencyMs: number | null;
  /** The latency that 95 of 100 requests did not exceed: one that occurred. */
  readonly p95LatencyMs: number | null;
  /** US dollars. */
  readonly costUsd: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The figures of a window, the group with most requests first. */
export async function readStatistics(
  database: Database,
  { since, until, groupBy, owner }: StatisticsWindow,
): Promise<readonly ChatStatistics[]> {
  return database.run((sql) => {
    const group = groupBy === undefined ? sql`null::text` : groupColumn(sql, groupBy);
    return sql<ChatStatistics[]>`
      select ${group} as "group", count(*)::integer as requests,
        count(*) filter (where not success)::integer as errors,
        avg(latency_ms) as "averageLatencyMs",
        percentile_disc(0.95) within group (order by latency_ms) as "p95LatencyMs",
        coalesce(sum(cost_usd), 0) as "costUsd",
        coalesce(sum(input_tokens), 0)::double precision as "inputTokens",
        coalesce(sum(output_tokens), 0)::double precision as "outputTokens"
      from chat_log
      where created_at >= ${since} and kind <> 'orchestrate'
        ${until === undefined ? sql`` : sql`and created_at < ${until}`}
        ${owner === undefined ? sql`` : sql`and owner = ${owner}`}
      ${groupBy === undefined ? sql`` : sql`group by ${group}`}
      order by requests desc, "group"`;
  });
}

function groupColumn(sql: postgres.Sql, group: StatisticsGroup) {
  if (group === 'model') return sql`model_id`;
  if (group === 'provider') return sql`provider_id`;
  return group === 'api_key' ? sql`api_key_id` : sql`mode`;
}

import type { Database } from '../database';
import { listChatLog, type ChatLogFilter } from './list';
import { readPoints, type PointBucket, type PointQuery } from './points';
import type { ChatLogRow, NewChatLogRow, RewardBucket } from './row';
import { readStatistics, type ChatStatistics, type StatisticsWindow } from './statistics';
import { writeChatLog } from './write';

/** Reward samples of one model and size of request. */
export interface RewardArmRow {
  readonly modelId: string;
  readonly bucket: RewardBucket;
  readonly samples: number;
  /** Of the rewards, each 0 to 1. */
  readonly sum: number;
}

/** The log of requests to models, and what is reckoned from it. */
export interface ChatLog {
  /**
   * Writes the request, its reward, its points of the time series and its event, in one statement.
   *
   * @returns false when that request id was logged before: then nothing is written.
   * @throws FleetError `store_unavailable`
   */
  write(row: NewChatLogRow): Promise<boolean>;
  /** Newest first. @param limit 1 to 1,001. @throws FleetError `store_unavailable` */
  list(filter: ChatLogFilter, limit: number): Promise<readonly ChatLogRow[]>;
  /** US dollars that a key has spent since then. Orchestrations count by their chats. @throws FleetError `store_unavailable` */
  spend(apiKeyId: string, since: Date): Promise<number>;
  /** @throws FleetError `store_unavailable` */
  statistics(window: StatisticsWindow): Promise<readonly ChatStatistics[]>;
  /** The time series of a metric. @throws RangeError for more than 10,000 buckets; FleetError `store_unavailable` */
  points(query: PointQuery): Promise<readonly PointBucket[]>;
  /** Rewards since then by model and size. @throws FleetError `store_unavailable` */
  arms(since: Date): Promise<readonly RewardArmRow[]>;
  /** Deletes lines, with their rewards, before that. @returns how many, `limit` at most. @throws FleetError `store_unavailable` */
  prune(olderThan: Date, limit: number): Promise<number>;
  /** Deletes points before that. @returns how many, `limit` at most. @throws FleetError `store_unavailable` */
  prunePoints(olderThan: Date, limit: number): Promise<number>;
}

/** The log in a database. */
export function chatLogIn(database: Database): ChatLog {
  return {
    write: (row) => writeChatLog(database, row),
    list: (filter, limit) => listChatLog(database, filter, limit),
    statistics: (window) => readStatistics(database, window),
    points: (query) => readPoints(database, query),
    async spend(apiKeyId, since) {
      const [row] = await database.run(
        (sql) => sql<[{ spent: number }]>`
          select coalesce(sum(cost_usd), 0) as spent from chat_log
          where api_key_id = ${apiKeyId} and created_at >= ${since} and kind <> 'orchestrate'`,
      );
      return row.spent;
    },
    arms: (since) =>
      database.run(
        (sql) => sql<RewardArmRow[]>`
          select model_id as "modelId", bucket, count(*)::integer as samples, sum(reward) as sum from chat_rewards
          where at >= ${since} group by model_id, bucket order by model_id, bucket`,
      ),
    async prune(olderThan, limit) {
      const result = await database.run(
        (sql) => sql`
          with old as materialized (
            select request_id from chat_log where created_at < ${olderThan}
            order by created_at, request_id limit ${limit} for update skip locked
          ), unrewarded as (
            delete from chat_rewards where request_id in (select request_id from old)
          )
          delete from chat_log where request_id in (select request_id from old)`,
      );
      return result.count;
    },
    async prunePoints(olderThan, limit) {
      const result = await database.run(
        (sql) => sql`
          delete from chat_points where ctid = any(array(
            select ctid from chat_points where at < ${olderThan} order by at limit ${limit} for update skip locked))`,
      );
      return result.count;
    },
  };
}

import type postgres from 'postgres';
import type { Database } from '../database';

/** What is measured of each request. `errors` is 0 or 1; `latency` is milliseconds, `cost` US dollars. */
export type PointMetric = 'latency' | 'cost' | 'tokens' | 'errors' | 'stream_bytes';

/** Which points to read, and how finely. */
export interface PointQuery {
  readonly metric: PointMetric;
  readonly modelId?: string | undefined;
  readonly providerId?: string | undefined;
  readonly from: Date;
  /** Not included. */
  readonly to: Date;
  /** Milliseconds of one bucket, the first of which begins at `from`. */
  readonly stepMs: number;
}

/** The points of one bucket. Buckets without points are left out. */
export interface PointBucket {
  readonly at: Date;
  readonly count: number;
  readonly average: number;
  readonly sum: number;
  readonly max: number;
}

/** Buckets of one query at most. */
const MAX_BUCKETS = 10_000;

/** A time series, oldest first. */
export async function readPoints(database: Database, query: PointQuery): Promise<readonly PointBucket[]> {
  const { metric, modelId, providerId, from, to, stepMs } = query;
  if (!(stepMs > 0) || (to.getTime() - from.getTime()) / stepMs > MAX_BUCKETS) {
    throw new RangeError(`a step of ${stepMs} ms does not make 1 to ${MAX_BUCKETS} buckets`);
  }
  return database.run((sql) => {
    const value = valueColumn(sql, metric);
    return sql<PointBucket[]>`
      select date_bin(${stepMs}::double precision * interval '1 millisecond', at, ${from}) as at,
        count(*)::integer as count, avg(${value}) as average, sum(${value}) as sum, max(${value}) as max
      from chat_points
      where at >= ${from} and at < ${to} and ${value} is not null
        ${modelId === undefined ? sql`` : sql`and model_id = ${modelId}`}
        ${providerId === undefined ? sql`` : sql`and provider_id = ${providerId}`}
      group by 1 order by 1`;
  });
}

function valueColumn(sql: postgres.Sql, metric: PointMetric) {
  if (metric === 'latency') return sql`latency_ms`;
  if (metric === 'cost') return sql`cost_usd`;
  if (metric === 'tokens') return sql`tokens`;
  return metric === 'errors' ? sql`errors` : sql`stream_bytes`;
}

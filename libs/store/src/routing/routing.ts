import type postgres from 'postgres';
import type { Database } from '../database';
import { notify } from '../events';

/** Errors in a row that degrade a provider, and that take it down. */
const DEGRADED_AT = 2;
const DOWN_AT = 5;
/** Milliseconds for which a provider that is down is left alone. */
const COOLDOWN_MS = 30_000;
/** Milliseconds a call takes at most: a chat waits for it, and goes on without. */
const DEADLINE_MS = 2_000;

/** What is known of a provider. */
export interface ProviderHealthRow {
  readonly providerId: string;
  readonly state: 'healthy' | 'degraded' | 'down';
  readonly consecutiveErrors: number;
  /** Milliseconds for which a provider that is down is still left alone, by the clock of the database; 0: it may be tried. */
  readonly cooldownMs: number;
  /** Moving average of latency, milliseconds. Null until a call was answered. */
  readonly latencyMs: number | null;
  /** Moving average of failure, 0 to 1. */
  readonly failureRatio: number;
}

/** A model that is not asked until somebody enables it. */
export interface DisabledModelRow {
  readonly modelId: string;
  readonly reason: string;
  readonly at: Date;
}

/** What the routers of all processes know together. */
export interface Routing {
  /** Everything, in one query. @throws FleetError `store_unavailable` */
  snapshot(): Promise<{
    readonly health: readonly ProviderHealthRow[];
    readonly disabled: readonly DisabledModelRow[];
  }>;
  /** A provider answered: it is healthy. Moving averages are 0.9 of what they were and 0.1 of the newest. @throws FleetError `store_unavailable` */
  succeeded(providerId: string, latencyMs: number): Promise<void>;
  /** A provider failed: 2 in a row degrade it, 5 take it down for 30 s. @throws FleetError `store_unavailable` */
  failed(providerId: string): Promise<void>;
  /**
   * Claims the one call that tries a provider whose cooldown is over; the next may be claimed 30 s later.
   *
   * @returns false when it is not down, still cooling, or another has the call.
   * @throws FleetError `store_unavailable`
   */
  claimTrial(providerId: string): Promise<boolean>;
  /** @returns false when it was disabled before: the first reason stays. @throws FleetError `store_unavailable` */
  disableModel(modelId: string, reason: string): Promise<boolean>;
  /** @returns false when it was not disabled. @throws FleetError `store_unavailable` */
  enableModel(modelId: string): Promise<boolean>;
  /** 0, 1, 2 and so on for each name, over all processes. @throws FleetError `store_unavailable` */
  nextTurn(name: string): Promise<number>;
}

/** The state in a database. */
export function routingIn(database: Database): Routing {
  return {
    snapshot: () => readSnapshot(database),
    async succeeded(providerId, latencyMs) {
      await database.run(
        (sql) => sql`
          with ${unhurried(sql)}, changed as (
            insert into provider_health as known (provider_id, errors, latency_ms, failure_ratio)
            select ${providerId}, 0, ${latencyMs}, 0 from unhurried
            on conflict (provider_id) do update set errors = 0, errors_before = known.errors, cooldown_until = null,
              latency_ms = coalesce(0.9 * known.latency_ms + 0.1 * excluded.latency_ms, excluded.latency_ms),
              failure_ratio = 0.9 * known.failure_ratio
            returning *
          )
          ${tellChange(sql)}`,
        DEADLINE_MS,
      );
    },
    async failed(providerId) {
      await database.run(
        (sql) => sql`
          with ${unhurried(sql)}, changed as (
            insert into provider_health as known (provider_id, errors, failure_ratio)
            select ${providerId}, 1, 0.1 from unhurried
            on conflict (provider_id) do update set errors = known.errors + 1, errors_before = known.errors,
              cooldown_until = case when known.errors + 1 >= ${DOWN_AT} then ${cooldownEnd(sql)} end,
              failure_ratio = 0.9 * known.failure_ratio + 0.1
            returning *
          )
          ${tellChange(sql)}`,
        DEADLINE_MS,
      );
    },
    async claimTrial(providerId) {
      const result = await database.run(
        (sql) => sql`
          update provider_health set cooldown_until = ${cooldownEnd(sql)}
          where provider_id = ${providerId} and errors >= ${DOWN_AT} and cooldown_until <= clock_timestamp()`,
        DEADLINE_MS,
      );
      return result.count === 1;
    },
    async disableModel(modelId, reason) {
      const result = await database.run(
        (sql) => sql`
          insert into disabled_models (model_id, reason) values (${modelId}, ${reason})
          on conflict (model_id) do nothing`,
        DEADLINE_MS,
      );
      return result.count === 1;
    },
    async enableModel(modelId) {
      const result = await database.run(
        (sql) => sql`delete from disabled_models where model_id = ${modelId}`,
        DEADLINE_MS,
      );
      return result.count === 1;
    },
    async nextTurn(name) {
      const [row] = await database.run(
        (sql) => sql<[{ turn: string }]>`
          with ${unhurried(sql)}
          insert into turns as taken (name, turn) select ${name}, 0 from unhurried
          on conflict (name) do update set turn = taken.turn + 1
          returning turn`,
        DEADLINE_MS,
      );
      return Number(row.turn);
    },
  };
}

async function readSnapshot(database: Database) {
  const [row] = await database.run(
    (sql) => sql<[{ health: string; disabled: string }]>`
      select (
        select coalesce(json_agg(json_build_object('providerId', provider_id, 'state', ${stateOf(sql, 'errors')},
          'consecutiveErrors', errors, 'latencyMs', latency_ms, 'failureRatio', failure_ratio,
          'cooldownMs', greatest(0, ceil(extract(epoch from cooldown_until - clock_timestamp()) * 1000)))
          order by provider_id), '[]')::text from provider_health
      ) as health, (
        select coalesce(json_agg(json_build_object('modelId', model_id, 'reason', reason,
          'at', extract(epoch from at) * 1000) order by model_id), '[]')::text from disabled_models
      ) as disabled`,
    DEADLINE_MS,
  );
  const disabled = JSON.parse(row.disabled) as { modelId: string; reason: string; at: number }[];
  return {
    health: JSON.parse(row.health) as ProviderHealthRow[],
    disabled: disabled.map(({ modelId, reason, at }) => ({ modelId, reason, at: new Date(at) })),
  };
}

/**
 * The statement does not wait for the disk: what it writes is read again within seconds, and every call of a provider writes
 * the same row. Losing a moment of it with the database's machine does no harm.
 */
function unhurried(sql: postgres.Sql) {
  return sql`unhurried as materialized (select set_config('synchronous_commit', 'off', true))`;
}

/** The event of a provider whose state is another than before. */
function tellChange(sql: postgres.Sql) {
  return sql`
    , told as (
      insert into events (type, data)
      select 'health_change', json_build_object('provider_id', provider_id, 'state', ${stateOf(sql, 'errors')},
        'before', ${stateOf(sql, 'errors_before')}, 'consecutive_errors', errors)::text
      from changed where ${stateOf(sql, 'errors')} <> ${stateOf(sql, 'errors_before')}
      returning seq
    )
    select ${notify(sql)} from told`;
}

function stateOf(sql: postgres.Sql, column: 'errors' | 'errors_before') {
  return sql`case when ${sql(column)} >= ${DOWN_AT}::integer then 'down'
    when ${sql(column)} >= ${DEGRADED_AT}::integer then 'degraded' else 'healthy' end`;
}

function cooldownEnd(sql: postgres.Sql) {
  return sql`clock_timestamp() + ${COOLDOWN_MS}::double precision * interval '1 millisecond'`;
}

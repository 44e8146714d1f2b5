import type { Database } from '../database';
import type { ComparedState, FoundState } from './execution-row';

/** Keeps what a search found, once. */
export async function noteFound(database: Database, executionId: string, found: FoundState): Promise<void> {
  const { question = null, state, stateHash, summary, conditionMet, nextRunAt } = found;
  await database.run(
    (sql) => sql`
      update monitor_executions
      set question = ${question}, state = ${JSON.stringify(state)}, state_hash = ${stateHash}, summary = ${summary},
        condition_met = ${conditionMet}, next_run_at = ${nextRunAt ?? null}, final = ${nextRunAt === null}
      where id = ${executionId} and status = 'running' and state_hash is null`,
  );
}

/** Keeps before when the next run is not wanted. */
export async function noteNotBefore(database: Database, executionId: string, at: Date): Promise<void> {
  await database.run(
    (sql) => sql`
      update monitor_executions set next_run_at = ${at}
      where id = ${executionId} and status = 'running' and state_hash is null`,
  );
}

/** Keeps what a comparison said. */
export async function noteComparison(database: Database, executionId: string, compared: ComparedState): Promise<void> {
  const { changed, comparison } = compared;
  await database.run(
    (sql) => sql`
      update monitor_executions set changed = ${changed}, comparison = ${comparison}
      where id = ${executionId} and status = 'running' and comparison is null`,
  );
}

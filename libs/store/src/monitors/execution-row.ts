import type postgres from 'postgres';
import type { MonitorComparison, MonitorExecutionRow, MonitorFailureClass, MonitorSpec } from './row';
import type { ScheduleEffect } from './next-run';

/** Names a run of a monitor by the execution, or by the workflow's run that opened it. */
export interface ExecutionKey {
  readonly monitorId: string;
  /** Absent: a schedule started it. */
  readonly executionId?: string | undefined;
  readonly runId: string;
  /** Id of the workflow; absent where only an execution that is there is meant. */
  readonly workflowId?: string | undefined;
}

/** A run that begins. */
export interface OpenExecution extends ExecutionKey {
  readonly workflowId: string;
}

/** What came of opening: `skipped` says why there is nothing to do. */
export type OpenedExecution =
  | { readonly status: 'running'; readonly executionId: string }
  | { readonly status: 'skipped'; readonly reason: string };

/** A run that somebody asked for. */
export interface PendingExecution {
  readonly monitorId: string;
  /** Of the request: asking again with the same key gives the same execution. */
  readonly key: string;
  /** Default false. */
  readonly suppressNotifications?: boolean | undefined;
}

/** What a search found. */
export interface FoundState {
  /** Of the work that was searched for. Default: whatever the monitor asks by the end of the run. */
  readonly question?: number | undefined;
  /** JSON value. */
  readonly state: unknown;
  /** 16 hex digits. */
  readonly stateHash: string;
  readonly summary: string;
  readonly conditionMet: boolean;
  /** Null: no run is to follow. Absent: nothing was said. */
  readonly nextRunAt?: Date | null | undefined;
}

/** An execution with what its search and comparison need of the monitor. */
export interface ExecutionWork {
  readonly execution: MonitorExecutionRow;
  readonly owner: string;
  /** Which question of the monitor this is: one more whenever somebody changes what it asks. */
  readonly question: number;
  readonly spec: Pick<MonitorSpec, 'query' | 'condition' | 'search' | 'compare'>;
  /** JSON value; undefined before the search. */
  readonly state: unknown;
  /** Of the last run that succeeded; undefined before the first. */
  readonly lastState: unknown;
  readonly lastStateHash: string | null;
}

/** How a run ended, and whether Temporal's schedule is to be written again. */
export interface ClosedExecution extends ScheduleEffect {
  readonly execution: MonitorExecutionRow;
}

/** What a run failed with. */
export interface ExecutionFailure {
  readonly failureClass: MonitorFailureClass;
  /** A code of the error table. */
  readonly code: string;
  /** Safe to show, 500 characters at most. */
  readonly message: string;
}

/** The columns of a MonitorExecutionRow. @param of The name that the table has in the statement. */
export function executionColumns(sql: postgres.Sql, of = 'monitor_executions') {
  const e = sql(of);
  return sql`${e}.id, ${e}.monitor_id as "monitorId", ${e}.trigger,
    ${e}.suppress_notifications as "suppressNotifications", ${e}.status, ${e}.workflow_id as "workflowId",
    ${e}.run_id as "runId", ${e}.state_hash as "stateHash", ${e}.summary, ${e}.condition_met as "conditionMet",
    ${e}.changed, ${e}.comparison, ${e}.notify, ${e}.reason, ${e}.next_run_at as "nextRunAt", ${e}.final,
    ${e}.failure_class as "failureClass", ${e}.error_code as "errorCode", ${e}.error_message as "errorMessage",
    ${e}.created_at as "createdAt", ${e}.started_at as "startedAt", ${e}.closed_at as "closedAt"`;
}

/** What was compared, and how. */
export interface ComparedState {
  readonly changed: boolean;
  readonly comparison: MonitorComparison;
}

import type { Database } from '../database';
import { cancelExecution, failExecution, reapExecution } from './close-execution';
import {
  getExecution,
  listExecutions,
  staleExecutions,
  workOf,
  type ExecutionFilter,
  type StaleExecution,
} from './execution-list';
import type {
  ClosedExecution,
  ComparedState,
  ExecutionFailure,
  ExecutionKey,
  ExecutionWork,
  FoundState,
  OpenedExecution,
  OpenExecution,
  PendingExecution,
} from './execution-row';
import { noteComparison, noteFound, noteNotBefore } from './note-found';
import { closeUnstarted, insertPending, openExecution } from './open-execution';
import { persistExecution } from './persist-execution';
import type { MonitorExecutionRow } from './row';

/**
 * The runs of monitors. Each is opened once, and every end of it is one statement over the run, its monitor and the
 * monitor's schedule. All calls are safe to repeat.
 */
export interface MonitorExecutions {
  /**
   * Notes a run that somebody asked for, before its workflow is started. The same key again gives the same execution.
   *
   * @throws FleetError `monitor_running` with the id of the one that is open, `monitor_not_found`, `store_unavailable`
   */
  insertPending(run: PendingExecution): Promise<MonitorExecutionRow>;
  /**
   * Closes a pending run whose workflow could not be started, as failed. False: the workflow came after all.
   *
   * @throws FleetError `store_unavailable`
   */
  closeUnstarted(executionId: string, failure: Pick<ExecutionFailure, 'code' | 'message'>): Promise<boolean>;
  /**
   * Opens the execution of a workflow's run: a scheduled one is made, one that somebody asked for is taken from `pending` to
   * `running`. One that is pending for over 60 s, because its workflow never came, gives way as failed.
   *
   * @throws FleetError `store_unavailable`
   */
  open(run: OpenExecution): Promise<OpenedExecution>;
  /** The execution and what its steps need. @throws FleetError `execution_not_found`, `store_unavailable` */
  work(executionId: string): Promise<ExecutionWork>;
  /** Keeps what the search of an open run found; what was found first counts. @throws FleetError `store_unavailable` */
  found(executionId: string, found: FoundState): Promise<void>;
  /** Notes that the next run is not wanted before that: a busy page said so. @throws FleetError `store_unavailable` */
  notBefore(executionId: string, at: Date): Promise<void>;
  /** Keeps what the comparison of an open run said. @throws FleetError `store_unavailable` */
  compared(executionId: string, compared: ComparedState): Promise<void>;
  /**
   * Closes a run as a success: the monitor gets its state, it is decided who is told and why, and when the next run is.
   *
   * @throws FleetError `execution_not_found`, `store_unavailable`
   */
  persist(executionId: string): Promise<ClosedExecution>;
  /**
   * Closes a run as failed, and puts the monitor's next run off. One that a schedule started and that was never opened is
   * opened for that. Undefined: it, or its monitor, is gone, or another run of the monitor is open.
   *
   * @throws FleetError `store_unavailable`
   */
  fail(run: ExecutionKey, failure: ExecutionFailure): Promise<ClosedExecution | undefined>;
  /** Closes a run as canceled. Undefined: as for `fail`. @throws FleetError `store_unavailable` */
  cancel(run: ExecutionKey): Promise<ClosedExecution | undefined>;
  /** @throws FleetError `execution_not_found`, `store_unavailable` */
  get(executionId: string): Promise<MonitorExecutionRow>;
  /** Newest first. @param limit 1 to 201. @throws FleetError `store_unavailable` */
  list(filter: ExecutionFilter, limit: number): Promise<readonly MonitorExecutionRow[]>;
  /** Runs that are open and were made before that, oldest first. @param limit 1 to 1,000. @throws FleetError `store_unavailable` */
  stale(before: Date, limit: number): Promise<readonly StaleExecution[]>;
  /**
   * Deletes runs that ended before that. What the last one found is its monitor's.
   *
   * @returns how many, `limit` at most. @throws FleetError `store_unavailable`
   */
  prune(endedBefore: Date, limit: number): Promise<number>;
  /**
   * Closes a run that nobody works on any more, as failed, unless it has ended meanwhile.
   *
   * @throws FleetError `store_unavailable`
   */
  reap(executionId: string): Promise<ClosedExecution | undefined>;
}

/** The runs of monitors in a database. */
export function monitorExecutionsIn(database: Database): MonitorExecutions {
  return {
    insertPending: (run) => insertPending(database, run),
    closeUnstarted: (executionId, failure) => closeUnstarted(database, executionId, failure),
    open: (run) => openExecution(database, run),
    work: (executionId) => workOf(database, executionId),
    found: (executionId, found) => noteFound(database, executionId, found),
    notBefore: (executionId, at) => noteNotBefore(database, executionId, at),
    compared: (executionId, compared) => noteComparison(database, executionId, compared),
    persist: (executionId) => persistExecution(database, executionId),
    fail: (run, failure) => failExecution(database, run, failure),
    cancel: (run) => cancelExecution(database, run),
    get: (executionId) => getExecution(database, executionId),
    list: (filter, limit) => listExecutions(database, filter, limit),
    stale: (before, limit) => staleExecutions(database, before, limit),
    async prune(endedBefore, limit) {
      const result = await database.run(
        (sql) => sql`
          delete from monitor_executions where id in (
            select id from monitor_executions where closed_at < ${endedBefore}
            order by closed_at limit ${limit} for update skip locked)`,
      );
      return result.count;
    },
    reap: (executionId) => reapExecution(database, executionId),
  };
}

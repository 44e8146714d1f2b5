import { FleetError } from '@fleet/errors';
import type { Database } from '../database';
import { newId } from '../ids';
import {
  executionColumns,
  type ExecutionFailure,
  type ExecutionKey,
  type OpenedExecution,
  type OpenExecution,
  type PendingExecution,
} from './execution-row';
import type { MonitorExecutionRow, MonitorState } from './row';

/** Seconds after which a run that was asked for gives way to another when its workflow never came. */
const LONGEST_PENDING_S = 60;

/** Notes a run that somebody asked for. */
export async function insertPending(database: Database, run: PendingExecution): Promise<MonitorExecutionRow> {
  const { monitorId, key, suppressNotifications = false } = run;
  for (;;) {
    const same = await byKey(database, key);
    if (same !== undefined) return same;
    await supersede(database, monitorId);
    const [row] = await database.run(
      (sql) => sql<MonitorExecutionRow[]>`
        insert into monitor_executions (id, monitor_id, key, trigger, suppress_notifications, status)
        select ${newId('exe')}, id, ${key}, 'manual', ${suppressNotifications}, 'pending' from monitors
        where id = ${monitorId} for key share
        on conflict do nothing
        returning ${executionColumns(sql)}`,
    );
    if (row !== undefined) return row;
    if ((await stateOf(database, monitorId)) === undefined)
      throw new FleetError('monitor_not_found', { id: monitorId });
    const open = await openOf(database, monitorId);
    // Closed between the two statements, or its own key that was inserted just now.
    if (open !== undefined && open.key !== key) {
      throw new FleetError('monitor_running', { id: monitorId, execution: open.id });
    }
  }
}

/** Opens the execution of a workflow's run. */
export async function openExecution(database: Database, run: OpenExecution): Promise<OpenedExecution> {
  return run.executionId === undefined ? openScheduled(database, run) : takePending(database, run, run.executionId);
}

/** Opens the execution that a schedule started, which its workflow's run names. */
export async function openScheduled(database: Database, run: ExecutionKey): Promise<OpenedExecution> {
  const { monitorId, workflowId = null, runId } = run;
  for (;;) {
    const same = await byKey(database, runId);
    if (same !== undefined) return asOpened(same);
    await supersede(database, monitorId);
    const [row] = await database.run(
      (sql) => sql<MonitorExecutionRow[]>`
        insert into monitor_executions (id, monitor_id, key, trigger, status, workflow_id, run_id, started_at)
        select ${newId('exe')}, id, ${runId}, 'schedule', 'running', ${workflowId}, ${runId}, clock_timestamp()
        from monitors where id = ${monitorId} and state = 'active' for key share
        on conflict do nothing
        returning ${executionColumns(sql)}`,
    );
    if (row !== undefined) return asOpened(row);
    const state = await stateOf(database, monitorId);
    if (state === undefined) return skipped('the monitor is gone');
    if (state !== 'active') return skipped(`the monitor is ${state}`);
    const open = await openOf(database, monitorId);
    if (open !== undefined && open.key !== runId) return skipped(`the run ${open.id} is open`);
  }
}

async function takePending(database: Database, run: OpenExecution, executionId: string): Promise<OpenedExecution> {
  const { monitorId, workflowId, runId } = run;
  await database.run(
    (sql) => sql`
      update monitor_executions
      set status = 'running', workflow_id = ${workflowId}, run_id = ${runId}, started_at = clock_timestamp()
      where id = ${executionId} and monitor_id = ${monitorId} and status = 'pending'`,
  );
  const [row] = await database.run(
    (sql) => sql<MonitorExecutionRow[]>`
      select ${executionColumns(sql)} from monitor_executions
      where id = ${executionId} and monitor_id = ${monitorId}`,
  );
  if (row === undefined) return skipped('the run is gone');
  return row.runId === runId ? asOpened(row) : skipped(`the run was ${row.status} already`);
}

/**
 * Closes a run that was asked for, its workflow not started, unless it came after all. Its key is free again. A workflow that
 * comes later finds it closed, and does nothing.
 */
export async function closeUnstarted(
  database: Database,
  id: string,
  { code, message }: Pick<ExecutionFailure, 'code' | 'message'>,
): Promise<boolean> {
  const result = await database.run(
    (sql) => sql`
      update monitor_executions set status = 'failed', key = id, failure_class = 'other', error_code = ${code},
        error_message = ${message.slice(0, 500)}, closed_at = clock_timestamp()
      where id = ${id} and status = 'pending'`,
  );
  return result.count === 1;
}

/** A run whose workflow never came gives way. */
async function supersede(database: Database, monitorId: string): Promise<void> {
  await database.run(
    (sql) => sql`
      update monitor_executions
      set status = 'failed', failure_class = 'other', error_code = 'internal_error', error_message = 'It was never started',
        closed_at = clock_timestamp()
      where monitor_id = ${monitorId} and status = 'pending'
        and created_at < clock_timestamp() - ${LONGEST_PENDING_S} * interval '1 second'`,
  );
}

function asOpened({ id, status }: MonitorExecutionRow): OpenedExecution {
  return status === 'running' ? { status, executionId: id } : skipped(`the run was ${status} already`);
}

function skipped(reason: string): OpenedExecution {
  return { status: 'skipped', reason };
}

async function byKey(database: Database, key: string): Promise<MonitorExecutionRow | undefined> {
  const [row] = await database.run(
    (sql) => sql<MonitorExecutionRow[]>`select ${executionColumns(sql)} from monitor_executions where key = ${key}`,
  );
  return row;
}

async function openOf(database: Database, monitorId: string): Promise<{ id: string; key: string } | undefined> {
  const [row] = await database.run(
    (sql) => sql<{ id: string; key: string }[]>`
      select id, key from monitor_executions where monitor_id = ${monitorId} and status in ('pending', 'running')`,
  );
  return row;
}

async function stateOf(database: Database, monitorId: string): Promise<MonitorState | undefined> {
  const [row] = await database.run(
    (sql) => sql<{ state: MonitorState }[]>`select state from monitors where id = ${monitorId}`,
  );
  return row?.state;
}

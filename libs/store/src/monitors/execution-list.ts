import { FleetError } from '@fleet/errors';
import type { Database } from '../database';
import { executionColumns, type ExecutionWork } from './execution-row';
import type { MonitorExecutionRow } from './row';

/** Where a page of the list ended. */
export interface ExecutionCursor {
  readonly createdAt: Date;
  readonly id: string;
}

/** What the list is narrowed to; what is left out does not narrow. */
export interface ExecutionFilter {
  readonly monitorId?: string | undefined;
  readonly status?: MonitorExecutionRow['status'] | undefined;
  readonly after?: ExecutionCursor | undefined;
}

/** A run that is open for long. */
export type StaleExecution = Pick<
  MonitorExecutionRow,
  'id' | 'monitorId' | 'status' | 'workflowId' | 'runId' | 'createdAt'
>;

/** The runs that fit, newest first. */
export async function listExecutions(
  database: Database,
  { monitorId, status, after }: ExecutionFilter,
  limit: number,
): Promise<readonly MonitorExecutionRow[]> {
  requireLimit(limit, 201);
  return database.run((sql) => {
    const narrowed = [
      monitorId === undefined ? sql`` : sql`and monitor_id = ${monitorId}`,
      status === undefined ? sql`` : sql`and status = ${status}`,
      after === undefined ? sql`` : sql`and (created_at, id) < (${after.createdAt}, ${after.id})`,
    ];
    return sql<MonitorExecutionRow[]>`
      select ${executionColumns(sql)} from monitor_executions
      where true ${narrowed}
      order by created_at desc, id desc
      limit ${limit}`;
  });
}

/** One run. */
export async function getExecution(database: Database, id: string): Promise<MonitorExecutionRow> {
  const [row] = await database.run(
    (sql) => sql<MonitorExecutionRow[]>`select ${executionColumns(sql)} from monitor_executions where id = ${id}`,
  );
  if (row === undefined) throw new FleetError('execution_not_found', { id });
  return row;
}

/** The open runs made before that, oldest first. */
export async function staleExecutions(
  database: Database,
  before: Date,
  limit: number,
): Promise<readonly StaleExecution[]> {
  requireLimit(limit, 1000);
  return database.run(
    (sql) => sql<StaleExecution[]>`
      select id, monitor_id as "monitorId", status, workflow_id as "workflowId", run_id as "runId",
        created_at as "createdAt"
      from monitor_executions
      where status in ('pending', 'running') and created_at < ${before}
      order by created_at limit ${limit}`,
  );
}

interface RawWork {
  readonly owner: string;
  readonly question: number;
  readonly query: string;
  readonly condition: string;
  readonly search: string;
  readonly compare: ExecutionWork['spec']['compare'];
  readonly state: string | null;
  readonly lastState: string | null;
  readonly lastStateHash: string | null;
}

/** The run and what its steps need of the monitor. */
export async function workOf(database: Database, id: string): Promise<ExecutionWork> {
  const [row] = await database.run(
    (sql) => sql<(MonitorExecutionRow & RawWork)[]>`
      select ${executionColumns(sql, 'e')}, e.state, m.owner, m.question, m.query, m.condition, m.search, m.compare,
        m.last_state as "lastState", m.last_state_hash as "lastStateHash"
      from monitor_executions e join monitors m on m.id = e.monitor_id
      where e.id = ${id}`,
  );
  if (row === undefined) throw new FleetError('execution_not_found', { id });
  const { owner, question, query, condition, search, compare, state, lastState, lastStateHash, ...execution } = row;
  const spec = { query, condition, search: JSON.parse(search) as ExecutionWork['spec']['search'], compare };
  return { execution, owner, question, spec, state: parsed(state), lastState: parsed(lastState), lastStateHash };
}

function parsed(json: string | null): unknown {
  return json === null ? undefined : (JSON.parse(json) as unknown);
}

function requireLimit(limit: number, most: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > most) throw new RangeError(`limit ${limit} is not 1 to ${most}`);
}

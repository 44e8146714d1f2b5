import { FleetError } from '@fleet/errors';
import type { temporal } from '@temporalio/proto';
import { toDate } from '../convert';
import { decodeToken, encodeToken, fromCursor, pageSize, toCursor } from '../cursor';
import type { Page } from '../fleet-client';
import { quoted } from '../jobs/list';
import { fromWorkflowInfo } from '../jobs/locate';
import { serverSpelling } from '../jobs/status';
import { withPageToken } from '../page-token';
import type { Server } from '../server';
import type { Execution, ExecutionQuery } from './fleet-admin';

const DEFAULT_LIMIT = 50;
const GREATEST_LIMIT = 200;
const DEFAULT_HOURS = 24;
const GREATEST_HOURS = 168;
const HOUR_MS = 3_600_000;

interface Position {
  /** Where the window began on the first page, ISO 8601: it must not move while somebody turns pages. */
  readonly since: string;
  readonly token: string;
}

/** The workflows that were started lately, one call a page. */
export async function executions(server: Server, query: ExecutionQuery = {}): Promise<Page<Execution>> {
  const limit = pageSize(query.limit, DEFAULT_LIMIT, GREATEST_LIMIT);
  const hours = hoursOf(query.hours);
  const filter = filterFor(query);
  const at = fromCursor([hours, filter], query.cursor, isPosition);
  const since = at?.since ?? new Date(Date.now() - hours * HOUR_MS).toISOString();
  const { workflowService } = server.connection;
  const answer = await server.bounded(() =>
    withPageToken(query.cursor, decodeToken(at?.token ?? null), (nextPageToken) =>
      workflowService.listWorkflowExecutions({
        namespace: server.namespace,
        // No ORDER BY: a server on SQLite or Postgres refuses it.
        query: [`StartTime >= ${quoted(since)}`, ...filter].join(' AND '),
        pageSize: limit,
        nextPageToken,
      }),
    ),
  );
  const token = encodeToken(answer.nextPageToken);
  return {
    items: (answer.executions ?? []).map(toExecution),
    ...(token !== null && { nextCursor: toCursor([hours, filter], { since, token }) }),
  };
}

function filterFor({ status, workflowType }: ExecutionQuery): string[] {
  return [
    ...(status === undefined ? [] : [`ExecutionStatus = ${quoted(serverSpelling(status))}`]),
    ...(workflowType === undefined ? [] : [`WorkflowType = ${quoted(workflowType)}`]),
  ];
}

function hoursOf(hours = DEFAULT_HOURS): number {
  if (Number.isInteger(hours) && hours >= 1 && hours <= GREATEST_HOURS) return hours;
  const field = { field: 'hours', rule: `must be a whole number from 1 to ${GREATEST_HOURS}`, got: hours };
  throw new FleetError('invalid_input', { count: 1 }, { fields: [field] });
}

function toExecution(info: temporal.api.workflow.v1.IWorkflowExecutionInfo): Execution {
  const { id, runId, workflow, status, queue, startedAt, closedAt } = fromWorkflowInfo(info);
  const executionAt = toDate(info.executionTime);
  return {
    id,
    runId,
    workflowType: workflow,
    status,
    queue,
    startedAt,
    ...(closedAt && { closedAt }),
    ...(executionAt && { executionAt }),
  };
}

function isPosition(value: unknown): value is Position {
  if (typeof value !== 'object' || value === null || !('since' in value) || !('token' in value)) return false;
  return typeof value.token === 'string' && typeof value.since === 'string' && !Number.isNaN(Date.parse(value.since));
}

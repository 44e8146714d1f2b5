import { FleetError } from '@fleet/errors';
import {
  decodeToken,
  encodeToken,
  fromCursor,
  fromWorkflowInfo,
  pageSize,
  serverSpelling,
  toCursor,
  toDate,
  workflowOutcome,
  isNotFound,
  type Server,
} from '@fleet/temporal-client/server';
import type { ListFilter, WorkflowStatus } from '../executor';
import type { StatePage, WorkflowState, WorkflowStore } from '../store';
import { allEvents, ended, inputOf } from './history';

const DEFAULT_LIMIT = 50;
const GREATEST_LIMIT = 200;

/** What the server says of a run. @throws FleetError `job_not_found` */
export async function describeRun(server: Server, id: string, runId = '') {
  return server.bounded(async () => {
    try {
      const { workflowService } = server.connection;
      const execution = { workflowId: id, runId };
      const { workflowExecutionInfo: info } = await workflowService.describeWorkflowExecution({
        namespace: server.namespace,
        execution,
      });
      const summary = fromWorkflowInfo(info ?? {});
      // A paused run is one that runs, for all that a portable caller can do about it.
      const status: WorkflowStatus = summary.status === 'paused' ? 'running' : summary.status;
      const closedAt = toDate(info?.closeTime);
      return { ...summary, status, ...(closedAt && { closedAt }), owner: ownerOf(info?.memo?.fields) };
    } catch (error) {
      throw isNotFound(error) || isMalformed(error) ? new FleetError('job_not_found', { id }, { cause: error }) : error;
    }
  });
}

/** States of workflows as Temporal keeps them: read and deleted here, written by the server alone. */
export class TemporalStore implements WorkflowStore {
  constructor(private readonly server: Server) {}

  async save(state: WorkflowState): Promise<WorkflowState> {
    const reason = 'Temporal alone writes the state of its workflows';
    throw new FleetError('not_supported', { operation: 'Saving a state', subject: `workflow ${state.id}`, reason });
  }

  async load(id: string, runId?: string): Promise<WorkflowState> {
    const found = await describeRun(this.server, id, runId);
    const input = inputOf(await allEvents(this.server, { id, runId: found.runId }));
    const outcome =
      found.status === 'running'
        ? undefined
        : await this.server.bounded(() => workflowOutcome(this.server, id, found.runId));
    const { status } = found;
    const own = status === 'canceled' || status === 'terminated' || status === 'timed_out';
    const failure = outcome?.failure;
    return {
      ...stateOf(found),
      input,
      ...(status === 'completed' && outcome && 'result' in outcome && { output: outcome.result }),
      ...(own && { failure: ended(status, status === 'terminated' ? (failure?.message ?? '') : '') }),
      ...(status === 'failed' &&
        failure && { failure: { type: failure.code, message: failure.message, retryable: failure.retryable } }),
      ...(outcome?.failure && outcome.nextRunId !== undefined && { continuedAs: outcome.nextRunId }),
    };
  }

  /** Inputs and results are left out: the server has them in each history only. It shows a new run within a second or so. */
  async list({ status, limit, cursor }: ListFilter = {}): Promise<StatePage> {
    const size = pageSize(limit, DEFAULT_LIMIT, GREATEST_LIMIT);
    const query = status === undefined ? '' : `ExecutionStatus = '${serverSpelling(status)}'`;
    const token = fromCursor(query, cursor, isToken);
    return this.server.bounded(async () => {
      const answer = await this.server.connection.workflowService.listWorkflowExecutions({
        namespace: this.server.namespace,
        query,
        pageSize: size,
        ...(token !== undefined && { nextPageToken: decodeToken(token.token) }),
      });
      const items = (answer.executions ?? []).map((info) =>
        stateOf({ ...fromWorkflowInfo(info), owner: ownerOf(info.memo?.fields) }),
      );
      const next = encodeToken(answer.nextPageToken);
      return { items, ...(next !== null && { nextCursor: toCursor(query, { token: next }) }) };
    });
  }

  async delete(id: string): Promise<void> {
    const { status } = await describeRun(this.server, id);
    if (status === 'running') throw new FleetError('job_not_closed', { id });
    const { namespace, connection } = this.server;
    await this.server.bounded(() =>
      connection.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId: id } }),
    );
  }
}

type Described = Awaited<ReturnType<typeof describeRun>>;

function stateOf({
  id,
  runId,
  workflow,
  status,
  owner,
  startedAt,
  closedAt,
}: Omit<Described, 'status'> & { status: string }): WorkflowState {
  const known = (status === 'paused' ? 'running' : status) as WorkflowStatus;
  return {
    id,
    runId,
    workflow,
    status: known,
    owner,
    input: undefined,
    createdAt: startedAt,
    ...(closedAt && { closedAt }),
    version: 1,
  };
}

function ownerOf(fields: Readonly<Record<string, { readonly data?: Uint8Array | null }>> | null | undefined): string {
  const data = fields?.['owner']?.data;
  return data ? (JSON.parse(Buffer.from(data).toString()) as string) : 'local';
}

function isToken(value: unknown): value is { readonly token: string } {
  return typeof value === 'object' && value !== null && 'token' in value && typeof value.token === 'string';
}

/** A run id that is not one names nothing. */
function isMalformed(error: unknown): boolean {
  return error instanceof Error && /invalid run ?id/i.test(error.message);
}

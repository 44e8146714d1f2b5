import { FleetError } from '@fleet/errors';
import { entryOf, isWorkflowName } from '@fleet/workflow-registry';
import { QueryNotRegisteredError } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import type { UpdateOptions } from '../fleet-client';
import { GRPC, grpcCodeOf } from '../grpc-errors';
import type { Server } from '../server';
import { locate, type Located } from './locate';
import { isClosed } from './status';
import { endedUnanswered, updateError } from './update-error';

/** Asks a run to end by itself. @throws FleetError `job_closed`. */
export function cancel(server: Server, id: string, reason = 'cancelled through the fleet'): Promise<void> {
  return onOpenRun(server, id, async ({ kind, runId }) => {
    const { namespace, identity, connection } = server;
    const request = { namespace, identity, requestId: randomUUID(), reason };
    if (kind === 'job')
      await connection.workflowService.requestCancelActivityExecution({ ...request, activityId: id, runId });
    else
      await connection.workflowService.requestCancelWorkflowExecution({
        ...request,
        workflowExecution: { workflowId: id, runId },
      });
  });
}

/** Ends a run at once, whatever it does. @throws FleetError `job_closed`. */
export function terminate(server: Server, id: string, reason = 'terminated through the fleet'): Promise<void> {
  return onOpenRun(server, id, async ({ kind, runId }) => {
    const { namespace, identity, connection } = server;
    const request = { namespace, identity, reason };
    if (kind === 'job')
      await connection.workflowService.terminateActivityExecution({
        ...request,
        activityId: id,
        runId,
        requestId: randomUUID(),
      });
    else
      await connection.workflowService.terminateWorkflowExecution({
        ...request,
        workflowExecution: { workflowId: id, runId },
      });
  });
}

/** Sends a signal. @throws FleetError `unknown_signal`, `not_supported`, `job_closed`. */
export function signal(server: Server, id: string, name: string, args: readonly unknown[] = []): Promise<void> {
  // What can never work is said first, whether or not the run has ended.
  const requireSignal = (found: Located): void => requireKnown(found, 'signal', name);
  return onOpenRun(
    server,
    id,
    ({ runId }) => server.client.workflow.getHandle(id, runId).signal(name, ...args),
    requireSignal,
  );
}

/** Asks a question, also of a closed workflow. @throws FleetError `unknown_query`, `not_supported`. */
export function query(server: Server, id: string, name: string, args: readonly unknown[] = []): Promise<unknown> {
  return server.bounded(async () => {
    const found = await locate(server, id);
    requireKnown(found, 'query', name);
    try {
      return await server.client.workflow.getHandle(id, found.runId).query(name, ...args);
    } catch (error) {
      throw error instanceof QueryNotRegisteredError ? refusedQuery(found, name, error) : error;
    }
  });
}

/** Asks for a change. @throws FleetError `unknown_update`, `not_supported`, `job_closed`, `update_rejected`, `update_failed`. */
export function update(
  server: Server,
  id: string,
  name: string,
  input: unknown,
  { updateId = randomUUID(), runId }: UpdateOptions = {},
): Promise<unknown> {
  return server.bounded(async () => {
    const found = await locate(server, id, runId);
    requireKnown(found, 'update', name);
    try {
      // A run that has ended is asked all the same: the server still has its answers to updates that it knows.
      const handle = server.client.workflow.getHandle(id, found.runId);
      return await handle.executeUpdate<unknown, [unknown]>(name, { args: [input], updateId });
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError) && !endedUnanswered(error)) throw updateError(name, error) ?? error;
      const now = await locate(server, id, found.runId);
      throw isClosed(now.status) ? new FleetError('job_closed', { id, status: now.status }, { cause: error }) : error;
    }
  });
}

async function onOpenRun(
  server: Server,
  id: string,
  action: (found: Located) => Promise<void>,
  check?: (found: Located) => void,
): Promise<void> {
  await server.bounded(async () => {
    const found = await locate(server, id);
    check?.(found);
    if (isClosed(found.status)) throw new FleetError('job_closed', { id, status: found.status });
    try {
      await action(found);
    } catch (error) {
      const code = grpcCodeOf(error);
      if (code !== GRPC.NOT_FOUND && code !== GRPC.FAILED_PRECONDITION) throw error;
      // It ended between the two calls.
      const now = await locate(server, id, found.runId);
      throw isClosed(now.status) ? new FleetError('job_closed', { id, status: now.status }, { cause: error }) : error;
    }
  });
}

const UNKNOWN = { signal: 'unknown_signal', query: 'unknown_query', update: 'unknown_update' } as const;

/** Only the registry knows the names of a workflow; one that is not in it is left to the server to judge. */
function requireKnown({ kind, workflow, id }: Located, operation: keyof typeof UNKNOWN, name: string): void {
  if (kind === 'job')
    throw new FleetError('not_supported', {
      operation: `A ${operation}`,
      subject: `job ${id}`,
      reason: 'a single activity has none',
    });
  if (!isWorkflowName(workflow)) return;
  const entry = entryOf(workflow);
  if (entry.kind !== 'workflow') return;
  const names = { signal: entry.signals, query: entry.queries, update: entry.updates ?? [] }[operation];
  if (names.includes(name)) return;
  const details = { workflow, got: JSON.stringify(name.slice(0, 100)), names: names.join(', ') || 'none' };
  throw new FleetError(UNKNOWN[operation], details);
}

/** The SDK gives one class to a query without handler and to a handler that threw. */
function refusedQuery({ workflow, id }: Located, name: string, error: Error): FleetError {
  if (/did not find a handler|not registered|unknown query/i.test(error.message)) {
    const names =
      isWorkflowName(workflow) && entryOf(workflow).kind === 'workflow' ? 'those of another version' : 'not listed';
    return new FleetError(
      'unknown_query',
      { workflow, got: JSON.stringify(name.slice(0, 100)), names },
      { cause: error },
    );
  }
  const details = { operation: `The query ${name}`, subject: `workflow ${id}`, reason: error.message };
  return new FleetError('not_supported', details, { cause: error });
}

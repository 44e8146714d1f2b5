import { FleetError } from '@fleet/errors';
import { entryOf, isWorkflowName, type WorkflowName } from '@fleet/workflow-registry';
import type { StartedJob } from '../fleet-client';
import { knownOwnerFrom } from '../owner-header';
import { firstValue } from '../payloads';
import type { Server } from '../server';
import { locate, type Located } from './locate';
import { start } from './start';
import { isClosed } from './status';

interface Original {
  readonly input: unknown;
  readonly owner: string | undefined;
  readonly priority: number | undefined;
}

/**
 * Starts a closed run again under the same id: same input, queue, priority and owner, read back from the server.
 *
 * @param owner Owner of the new run when the old one has none.
 */
export async function retry(server: Server, id: string, owner?: string): Promise<StartedJob> {
  const found = await server.bounded(() => locate(server, id));
  if (!isClosed(found.status)) throw new FleetError('job_not_closed', { id });
  const { workflow } = found;
  // Throws `unknown_workflow` for a type that is not, or no longer, in the registry.
  entryOf(workflow);
  if (!isWorkflowName(workflow)) throw new FleetError('internal_error');
  const original = await server.bounded(() => readBack(server, found));
  return start(server, workflow satisfies WorkflowName, original.input, {
    id,
    queue: found.queue,
    onClosed: 'new-run',
    ...choose('owner', original.owner ?? owner),
    ...choose('priority', original.priority),
  });
}

function readBack(server: Server, found: Located): Promise<Original> {
  return found.kind === 'job' ? activityOriginal(server, found) : workflowOriginal(server, found);
}

async function workflowOriginal(server: Server, { id, runId }: Located): Promise<Original> {
  const answer = await server.connection.workflowService.getWorkflowExecutionHistory({
    namespace: server.namespace,
    execution: { workflowId: id, runId },
    maximumPageSize: 1,
  });
  const started = answer.history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  return {
    input: firstValue(started?.input),
    owner: knownOwnerFrom(started?.header?.fields as Parameters<typeof knownOwnerFrom>[0]),
    priority: started?.priority?.priorityKey ?? undefined,
  };
}

async function activityOriginal(server: Server, { id, runId }: Located): Promise<Original> {
  const answer = await server.connection.workflowService.describeActivityExecution({
    namespace: server.namespace,
    activityId: id,
    runId,
    includeInput: true,
  });
  return {
    input: firstValue(answer.input),
    owner: knownOwnerFrom(answer.info?.header?.fields as Parameters<typeof knownOwnerFrom>[0]),
    priority: answer.info?.priority?.priorityKey ?? undefined,
  };
}

/** Leaves an unknown value out; 0 is how protobuf spells "not set" for a priority. */
function choose<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return (value ? { [key]: value } : {}) as { [K in Key]?: Value };
}

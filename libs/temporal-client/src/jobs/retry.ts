import { FleetError } from '@fleet/errors';
import { entryOf, type WorkflowName } from '@fleet/workflow-registry';
import type { StartedJob, StartOptions } from '../fleet-client';
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
 * Starts a closed run again under the same id: same input, queue, priority and owner, read back from the server. What its
 * entry says must not be used twice is left out of the input.
 *
 * @param owner Owner of the new run when the old one has none.
 */
export function retry(server: Server, id: string, owner?: string): Promise<StartedJob> {
  return server.bounded(async () => {
    const found = await locate(server, id);
    if (!isClosed(found.status)) throw new FleetError('job_not_closed', { id });
    // Throws `unknown_workflow` for a type that is not, or no longer, in the registry.
    const entry = entryOf(found.workflow);
    const original = await readBack(server, found);
    const isAgain = entry.kind === 'workflow' && entry.again !== undefined;
    const input = isAgain ? entry.again?.(original.input) : original.input;
    const options: StartOptions = {
      id,
      queue: found.queue,
      onClosed: 'new-run',
      ...choose('owner', original.owner ?? owner),
      ...choose('priority', original.priority),
    };
    // The gateway starts chats with what nobody may ask for; it was checked then.
    return start(server, found.workflow as WorkflowName, input, options, isAgain);
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
    owner: knownOwnerFrom(started?.header?.fields),
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
    owner: knownOwnerFrom(answer.info?.header?.fields),
    priority: answer.info?.priority?.priorityKey ?? undefined,
  };
}

/** Leaves an unknown value out; 0 is how protobuf spells "not set" for a priority. */
function choose<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return (value ? { [key]: value } : {}) as { [K in Key]?: Value };
}

import { randomUUID } from 'node:crypto';
import { FleetError, type FieldError } from '@fleet/errors';
import type { TaskQueueName } from '@fleet/task-queues';
import {
  entryOf,
  parseInput,
  queueFor,
  type AnyEntry,
  type JobEntry,
  type WorkflowEntry,
  type WorkflowName,
} from '@fleet/workflow-registry';
import { ActivityExecutionAlreadyStartedError } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { StartedJob, StartOptions } from '../fleet-client';
import { GRPC, grpcCodeOf } from '../grpc-errors';
import { DEFAULT_OWNER } from '../owner-header';
import { ownedBy } from '../owner-interceptors';
import type { Server } from '../server';
import { checkInputSize } from './input-size';
import { find } from './locate';

const DEFAULT_PRIORITY = 3;

/** Everything about a start that is decided: nothing here can be refused for its form any more. */
interface Order {
  readonly name: WorkflowName;
  readonly input: unknown;
  readonly id: string;
  readonly queue: TaskQueueName;
  readonly priority: number;
  readonly owner: string;
  readonly useRunning: boolean;
  readonly newRun: boolean;
}

/**
 * Validates and starts; the registry entry decides kind, times and retries.
 *
 * @param isChecked the input was started with once already
 */
export async function start(
  server: Server,
  name: WorkflowName,
  input: unknown,
  options: StartOptions = {},
  isChecked = false,
): Promise<StartedJob> {
  const entry = entryOf(name);
  requireValidOptions(options);
  const order: Order = {
    name,
    input: isChecked ? input : parseInput(entry.input, input),
    id: options.id ?? `${name}-${randomUUID()}`,
    queue: queueFor(name, options.queue),
    priority: options.priority ?? DEFAULT_PRIORITY,
    owner: options.owner ?? DEFAULT_OWNER,
    useRunning: options.onConflict === 'use-running',
    newRun: options.onClosed === 'new-run',
  };
  checkInputSize(name, order.input, server.warn);
  return server.bounded(async () => {
    // Temporal keeps the ids of the two kinds apart; ours are one. A generated id needs no look.
    if (options.id !== undefined && (await find(server, entry.kind === 'job' ? 'workflow' : 'job', order.id)))
      throw new FleetError('job_exists', { id: order.id });
    const runId = await ownedBy(order.owner, () => startKind(server, entry, order));
    return order.useRunning ? actualRun(server, entry, order) : started(entry, order, runId);
  });
}

async function startKind(server: Server, entry: AnyEntry, order: Order): Promise<string> {
  try {
    return await (entry.kind === 'job' ? startActivity(server, entry, order) : startWorkflow(server, entry, order));
  } catch (error) {
    throw refusedStart(entry, order, error);
  }
}

function refusedStart(entry: AnyEntry, { id, name }: Order, error: unknown): unknown {
  const code = grpcCodeOf(error);
  const exists =
    error instanceof ActivityExecutionAlreadyStartedError ||
    error instanceof WorkflowExecutionAlreadyStartedError ||
    code === GRPC.ALREADY_EXISTS;
  if (exists) return new FleetError('job_exists', { id }, { cause: error });
  if (entry.kind === 'workflow' || code !== GRPC.UNIMPLEMENTED) return error;
  const reason = 'this Temporal server runs no activities without a workflow; 1.31 and newer do';
  return new FleetError('not_supported', { operation: 'A start', subject: name, reason }, { cause: error });
}

async function startWorkflow(server: Server, entry: WorkflowEntry, order: Order): Promise<string> {
  const handle = await server.client.workflow.start(order.name, {
    workflowId: order.id,
    taskQueue: order.queue,
    args: [order.input],
    workflowExecutionTimeout: entry.timeouts.executionMs,
    workflowIdReusePolicy: order.newRun ? 'ALLOW_DUPLICATE' : 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: order.useRunning ? 'USE_EXISTING' : 'FAIL',
    priority: { priorityKey: order.priority },
    staticSummary: summaryOf(order),
  });
  return handle.firstExecutionRunId;
}

async function startActivity(server: Server, entry: JobEntry, order: Order): Promise<string> {
  const { timeouts, retry } = entry;
  const handle = await server.client.activity.start(order.name, {
    id: order.id,
    taskQueue: order.queue,
    args: [order.input],
    startToCloseTimeout: timeouts.startToCloseMs,
    heartbeatTimeout: timeouts.heartbeatMs,
    retry: {
      maximumAttempts: retry.attempts,
      initialInterval: retry.initialMs,
      backoffCoefficient: retry.backoff,
      maximumInterval: retry.maximumMs,
    },
    idReusePolicy: order.newRun ? 'ALLOW_DUPLICATE' : 'REJECT_DUPLICATE',
    idConflictPolicy: order.useRunning ? 'USE_EXISTING' : 'FAIL',
    priority: { priorityKey: order.priority },
    summary: summaryOf(order),
  });
  return handle.runId ?? '';
}

/** The run that has the id may be older than this call, on another queue, or of another workflow: then it is a conflict. */
async function actualRun(server: Server, entry: AnyEntry, order: Order): Promise<StartedJob> {
  const run = await find(server, entry.kind, order.id);
  if (run?.workflow !== order.name) throw new FleetError('job_exists', { id: order.id });
  return { ...started(entry, order, run.runId), queue: run.queue as TaskQueueName };
}

function started(entry: AnyEntry, order: Order, runId: string): StartedJob {
  return { id: order.id, runId, workflow: order.name, kind: entry.kind, queue: order.queue };
}

function summaryOf(order: Order): string {
  return `${order.name} of ${order.owner}`;
}

function requireValidOptions({ id, priority, owner }: StartOptions): void {
  const fields: FieldError[] = [];
  // 200 leaves room for what Temporal appends to it in child and schedule ids.
  if (id !== undefined && !/^[^\p{Cc}]{1,200}$/u.test(id))
    fields.push({
      field: 'id',
      rule: 'must be 1 to 200 characters, none of them a control character',
      got: id.slice(0, 200),
    });
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 1 && priority <= 5))
    fields.push({ field: 'priority', rule: 'must be a whole number from 1 (first) to 5 (last)', got: priority });
  if (owner !== undefined && !/^[^\p{Cc}]{1,200}$/u.test(owner))
    fields.push({
      field: 'owner',
      rule: 'must be 1 to 200 characters, none of them a control character',
      got: owner.slice(0, 200),
    });
  if (fields.length > 0) throw new FleetError('invalid_input', { count: fields.length }, { fields });
}

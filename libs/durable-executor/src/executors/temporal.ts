import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { errorText, FleetError } from '@fleet/errors';
import {
  endedUnanswered,
  GRPC,
  grpcCodeOf,
  isNotFound,
  ownedBy,
  workflowOutcome,
  type Server,
} from '@fleet/temporal-client/server';
import { QueryNotRegisteredError, WorkflowUpdateFailedError } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { AnyWorkflow, Duration, WorkflowDefinition } from '../context';
import { toPositiveMs } from '../context/duration';
import { toJson } from '../context/json';
import {
  BUILT_IN_QUERIES,
  type DurableExecutor,
  type ExecuteOptions,
  type HistoryEvent,
  type WorkflowHandle,
  type WorkflowOutcome,
  type WorkflowTarget,
} from '../executor';
import { composeHooks, type Hooks } from '../hooks';
import { required } from '../registry';
import { requireId, requireOwner, targetOf } from '../target';
import { untilAborted } from '../until-aborted';
import { allEvents, ended, EventReader } from '../temporal/history';
import { describeRun, TemporalStore } from '../temporal/temporal-store';
import { updateError } from '../temporal/update-errors';
import { watchRun } from '../temporal/watch';
import { WorkflowEndedError } from '../workflow-ended-error';

/** How long one call waits for an end, milliseconds: a little over what the server holds it. */
const LONG_POLL_MS = 25_000;
/** An update may wait for people. */
const UPDATE_DEADLINE_MS = 24 * 3_600_000;

/** Options of `createTemporalExecutor`. */
export interface TemporalExecutorOptions {
  /** Of `openServer` in @fleet/temporal-client/server. */
  readonly client: Server;
  /** The workflows that may be started; the workers have them under these names. */
  readonly workflows: readonly AnyWorkflow[];
  /** Default `standard`. */
  readonly taskQueue?: string;
  /** Default 10 minutes. */
  readonly defaultTimeout?: Duration;
  readonly hooks?: readonly Hooks[];
}

/** Runs workflows on the workers of the fleet. @throws FleetError `invalid_input` without a client. */
export function createTemporalExecutor(options: TemporalExecutorOptions): DurableExecutor {
  if (!options.client) throw required('client');
  return new TemporalExecutor(options);
}

class TemporalExecutor implements DurableExecutor {
  readonly store: TemporalStore;
  private readonly server: Server;
  private readonly names: ReadonlySet<string>;
  private readonly taskQueue: string;
  private readonly defaultTimeoutMs: number;
  private readonly hooks: Required<Hooks> | undefined;
  private readonly closing = new AbortController();

  constructor({
    client,
    workflows,
    taskQueue = 'standard',
    defaultTimeout = '10 minutes',
    hooks,
  }: TemporalExecutorOptions) {
    this.server = client;
    // Every run that is watched listens.
    setMaxListeners(0, this.closing.signal);
    this.store = new TemporalStore(client);
    this.names = new Set(workflows.map(({ name }) => name));
    this.taskQueue = taskQueue;
    this.defaultTimeoutMs = toPositiveMs(defaultTimeout, 'defaultTimeout');
    this.hooks = hooks && hooks.length > 0 ? composeHooks(...hooks) : undefined;
  }

  async execute<Input, Output>(
    workflow: WorkflowDefinition<Input, Output>,
    input: Input,
    { id = `${workflow.name}-${randomUUID()}`, timeout, owner = 'local' }: ExecuteOptions = {},
  ): Promise<WorkflowHandle<Output>> {
    this.requireWorkflow(workflow.name);
    requireId(id);
    requireOwner(owner);
    toJson(input, `input of ${workflow.name}`);
    const workflowExecutionTimeout = timeout === undefined ? this.defaultTimeoutMs : toPositiveMs(timeout, 'timeout');
    const { taskQueue } = this;
    const start = { workflowId: id, taskQueue, args: [input], workflowExecutionTimeout, memo: { owner } };
    const policies = { workflowIdReusePolicy: 'REJECT_DUPLICATE', workflowIdConflictPolicy: 'FAIL' } as const;
    try {
      const handle = await ownedBy(owner, () =>
        this.server.bounded(() => this.server.client.workflow.start(workflow.name, { ...start, ...policies })),
      );
      this.watch({ workflowId: id, runId: handle.firstExecutionRunId, workflow: workflow.name });
      return this.handle(id, handle.firstExecutionRunId);
    } catch (error) {
      const exists = error instanceof WorkflowExecutionAlreadyStartedError || grpcCodeOf(error) === GRPC.ALREADY_EXISTS;
      throw exists ? new FleetError('job_exists', { id }, { cause: error }) : error;
    }
  }

  async getHandle<Input, Output>(_workflow: WorkflowDefinition<Input, Output>, target: WorkflowTarget) {
    const { id, runId } = targetOf(target);
    return this.handle<Output>(id, (await describeRun(this.server, id, runId)).runId);
  }

  async signal<Payload>(
    target: WorkflowTarget,
    { name }: { readonly name: string },
    payload: Payload,
    { senderId = '' }: { readonly senderId?: string } = {},
  ): Promise<void> {
    toJson(payload, `payload of signal ${name}`);
    const detail = { sentAt: Date.now(), senderId };
    await this.onOpenRun(target, (handle) => handle.signal(name, payload, detail));
  }

  async query<Input, Output>(
    target: WorkflowTarget,
    { name }: { readonly name: string },
    input: Input,
  ): Promise<Output> {
    const { id, runId } = targetOf(target);
    toJson(input, `input of query ${name}`);
    const found = await describeRun(this.server, id, runId);
    // The server knows these of every run, also of one that no worker can replay.
    if (name === 'status') return found.status as Output;
    if (name === 'result') return ((await this.store.load(id, found.runId)).output ?? null) as Output;
    try {
      return await this.server.bounded(() =>
        this.server.client.workflow.getHandle(id, found.runId).query<Output, [Input]>(name, input),
      );
    } catch (error) {
      if (!(error instanceof QueryNotRegisteredError)) throw error;
      if (!/did not register a handler/i.test(error.message))
        throw new FleetError('query_failed', { name, reason: errorText(error) }, { cause: error });
      const names = registeredQueries(error.message);
      throw new FleetError(
        'unknown_query',
        { workflow: found.workflow, got: JSON.stringify(name), names },
        { cause: error },
      );
    }
  }

  async update<Input, Output>(
    target: WorkflowTarget,
    { name }: { readonly name: string },
    input: Input,
    { updateId = randomUUID() }: { readonly updateId?: string } = {},
  ): Promise<Output> {
    toJson(input, `input of update ${name}`);
    const options = { args: [input] as [Input], updateId };
    try {
      const update = (handle: RunHandle) => handle.executeUpdate<Output, [Input]>(name, options);
      return await this.onOpenRun(target, update, UPDATE_DEADLINE_MS);
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
      const { id, runId } = targetOf(target);
      const { workflow, status } = await describeRun(this.server, id, runId);
      if (endedUnanswered(error)) throw new FleetError('job_closed', { id, status }, { cause: error });
      throw updateError(workflow, name, error) ?? error;
    }
  }

  /** Temporal hands no reason to the code; it is in the server's event. */
  async cancel(target: WorkflowTarget, reason = 'cancelled'): Promise<void> {
    const { namespace, identity, connection } = this.server;
    const at = targetOf(target);
    // The server takes a request to cancel what has ended, without a word.
    const { status } = await describeRun(this.server, at.id, at.runId);
    if (status !== 'running') throw new FleetError('job_closed', { id: at.id, status });
    await this.onOpenRun(target, async ({ workflowId }, runId) => {
      const request = {
        namespace,
        identity,
        requestId: randomUUID(),
        reason,
        workflowExecution: { workflowId, runId },
      };
      await connection.workflowService.requestCancelWorkflowExecution(request);
    });
  }

  async terminate(target: WorkflowTarget, reason = 'terminated'): Promise<void> {
    await this.onOpenRun(target, async (handle) => void (await handle.terminate(reason)));
  }

  async history(target: WorkflowTarget): Promise<readonly HistoryEvent[]> {
    const { id, runId } = targetOf(target);
    const found = await describeRun(this.server, id, runId);
    const reader = new EventReader();
    const events = await allEvents(this.server, { id, runId: found.runId });
    return events.map((event) => reader.read(event)).filter((event) => event !== undefined);
  }

  /** Ends its own watching. The client is the caller's, and the runs are the fleet's. */
  async close(): Promise<void> {
    this.closing.abort();
  }

  private handle<Output>(id: string, runId: string): WorkflowHandle<Output> {
    const outcome: WorkflowHandle<Output>['outcome'] = ({ signal } = {}) => this.outcome<Output>(id, runId, signal);
    return {
      id,
      runId,
      outcome,
      status: async () => (await describeRun(this.server, id, runId)).status,
      async result() {
        const end = await outcome();
        if (end.status === 'completed') return end.result;
        throw new WorkflowEndedError(id, end.status, end.failure);
      },
    };
  }

  private async outcome<Output>(
    id: string,
    startRunId: string,
    signal?: AbortSignal,
  ): Promise<WorkflowOutcome<Output>> {
    const { server } = this;
    let runId = startRunId;
    for (;;) {
      const at = runId;
      const look = () => workflowOutcome(server, id, at, true);
      const end = await untilAborted(signal, () =>
        server.bounded(() => (signal ? server.connection.withAbortSignal(signal, look) : look()), LONG_POLL_MS),
      );
      if (end === undefined) continue;
      if (end.failure === undefined) return { status: 'completed', result: end.result as Output };
      const { code, message, retryable } = end.failure;
      if (end.nextRunId !== undefined) {
        runId = end.nextRunId;
        continue;
      }
      const { status } = await describeRun(this.server, id, at);
      if (status === 'canceled' || status === 'timed_out') return { status, failure: ended(status, '') };
      if (status === 'terminated') return { status, failure: ended(status, message) };
      return { status: 'failed', failure: { type: code, message, retryable } };
    }
  }

  private async onOpenRun<Result>(
    target: WorkflowTarget,
    action: (handle: RunHandle, runId: string | undefined) => Promise<Result>,
    deadlineMs?: number,
  ): Promise<Result> {
    const { id, runId } = targetOf(target);
    try {
      return await this.server.bounded(
        () => action(this.server.client.workflow.getHandle(id, runId), runId),
        deadlineMs,
      );
    } catch (error) {
      // A run id that is none is called an invalid argument.
      const mayBeGone = isNotFound(error) || (runId !== undefined && grpcCodeOf(error) === GRPC.INVALID_ARGUMENT);
      if (!mayBeGone && !(error instanceof Error && error.name === 'WorkflowNotFoundError')) throw error;
      const { status } = await describeRun(this.server, id, runId);
      throw status === 'running' ? error : new FleetError('job_closed', { id, status }, { cause: error });
    }
  }

  private watch(run: { readonly workflowId: string; readonly runId: string; readonly workflow: string }): void {
    if (!this.hooks) return;
    this.hooks.onWorkflowStart(run);
    void watchRun(this.server, run, this.hooks, this.closing.signal);
  }

  private requireWorkflow(name: string): void {
    if (this.names.has(name)) return;
    throw new FleetError('unknown_workflow', {
      got: JSON.stringify(name),
      names: [...this.names].toSorted().join(', ') || 'none',
    });
  }
}

/** The names in the server's words, without those that the SDK keeps for itself. */
function registeredQueries(message: string): string {
  const names = /\[(.*)\]/.exec(message)?.[1]?.split(/[ ,]+/) ?? [...BUILT_IN_QUERIES];
  return names.filter((name) => !name.startsWith('__')).join(', ');
}

type RunHandle = ReturnType<Server['client']['workflow']['getHandle']>;

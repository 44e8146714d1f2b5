import { randomUUID } from 'node:crypto';
import { FleetError, isFleetError } from '@fleet/errors';
import { systemClock, type Clock } from '../clock';
import type { AnyWorkflow, Duration, WorkflowDefinition } from '../context';
import { toPositiveMs } from '../context/duration';
import { fromJson, toJson } from '../context/json';
import type { DurableExecutor, ExecuteOptions, WorkflowHandle, WorkflowOutcome, WorkflowTarget } from '../executor';
import { composeHooks, type Hooks } from '../hooks';
import type { JournalStore, NewMessage, NewRun } from '../journal-store';
import type { AnyActivity } from '../local/activity-task';
import { historyOf } from '../local/history';
import { Host, outcomeOf } from '../local/host';
import { answerQuery } from '../local/queries';
import { answerOfUpdate } from '../local/update-answer';
import { requireId, requireOwner, targetOf } from '../target';
import { untilAborted } from '../until-aborted';
import { WorkflowEndedError } from '../workflow-ended-error';

/** Longest time of a workflow unless said otherwise. */
export const DEFAULT_TIMEOUT = '10 minutes';
/** How long a process that gave no sign of life keeps its runs, milliseconds. */
const DEFAULT_LEASE_MS = 5_000;
/** Waits between two looks at a run of another process, milliseconds. */
const POLL_MS = { first: 20, longest: 250 };

/** Options of `createLocalExecutor`. */
export interface LocalExecutorOptions {
  /** Where states and journals are kept: `createMemoryStore()`, or `openPostgresStore()` for what must survive. */
  readonly store: JournalStore;
  readonly workflows: readonly AnyWorkflow[];
  /** By name. */
  readonly activities?: Readonly<Record<string, AnyActivity>>;
  /** Default 10 minutes. */
  readonly defaultTimeout?: Duration;
  readonly hooks?: readonly Hooks[];
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** How long another process waits for a sign of life of this one before it takes its runs over. Default 5 s. */
  readonly lease?: Duration;
}

/** Runs workflows in this process, and goes on with those of processes that ended. */
export interface LocalExecutor extends DurableExecutor {
  /**
   * Call it at start: takes over what earlier processes left running, now and from now on, and goes on where their journals
   * end. A process that was killed a moment ago keeps its runs until its lease is over.
   *
   * @throws FleetError `store_unavailable`; `schema_outdated`, `database_refused` on Postgres
   */
  resume(): Promise<void>;
}

/** @throws FleetError `invalid_input` for a duration that cannot be used. */
export function createLocalExecutor(options: LocalExecutorOptions): LocalExecutor {
  return new InProcessExecutor(options);
}

class InProcessExecutor implements LocalExecutor {
  readonly store: JournalStore;
  private readonly host: Host;
  private readonly workflows: ReadonlyMap<string, AnyWorkflow>;
  private readonly defaultTimeoutMs: number;
  private readonly clock: Clock;
  private readonly hooks: Required<Hooks>;

  constructor({ store, workflows, activities = {}, ...rest }: LocalExecutorOptions) {
    this.store = store;
    this.workflows = new Map(workflows.map((definition) => [definition.name, definition]));
    this.defaultTimeoutMs = toPositiveMs(rest.defaultTimeout ?? DEFAULT_TIMEOUT, 'defaultTimeout');
    this.clock = rest.clock ?? systemClock;
    this.hooks = composeHooks(...(rest.hooks ?? []));
    this.host = new Host({
      store,
      workflows: this.workflows,
      activities: new Map(Object.entries(activities)),
      clock: this.clock,
      hooks: this.hooks,
      defaultTimeoutMs: this.defaultTimeoutMs,
      leaseMs: toPositiveMs(rest.lease ?? DEFAULT_LEASE_MS, 'lease'),
      children: {
        start: (child) => this.startChild(child),
        outcome: (id) => this.outcome(id, undefined),
        cancel: (id, reason) => this.cancel(id, reason),
        terminate: (id, reason) => this.terminate(id, reason),
      },
    });
  }

  resume(): Promise<void> {
    return this.host.start();
  }

  async execute<Input, Output>(
    workflow: WorkflowDefinition<Input, Output>,
    input: Input,
    { id = `${workflow.name}-${randomUUID()}`, timeout, owner = 'local' }: ExecuteOptions = {},
  ): Promise<WorkflowHandle<Output>> {
    this.requireWorkflow(workflow.name);
    requireId(id);
    requireOwner(owner);
    const json = toJson(input, `input of ${workflow.name}`);
    const timeoutMs = timeout === undefined ? this.defaultTimeoutMs : toPositiveMs(timeout, 'timeout');
    const timeoutAt = this.clock.now() + timeoutMs;
    const order = { id, workflow: workflow.name, owner, timeoutAt, ...(json !== undefined && { input: json }) };
    const runId = await this.start({ ...order, runId: randomUUID(), ordinal: 1 });
    if (runId === undefined) throw new FleetError('job_exists', { id });
    return this.handle(id, runId);
  }

  async getHandle<Input, Output>(_workflow: WorkflowDefinition<Input, Output>, target: WorkflowTarget) {
    const { id, runId } = targetOf(target);
    const { run } = await this.store.find(id, runId);
    return this.handle<Output>(id, run.runId);
  }

  async signal<Payload>(
    target: WorkflowTarget,
    signal: { readonly name: string },
    payload: Payload,
    { senderId = '' }: { readonly senderId?: string } = {},
  ): Promise<void> {
    const value = toJson(payload, `payload of signal ${signal.name}`);
    await this.send(target, { kind: 'signal', name: signal.name, senderId, ...(value !== undefined && { value }) });
  }

  async query<Input, Output>(target: WorkflowTarget, query: { readonly name: string }, input: Input): Promise<Output> {
    const { id, runId } = targetOf(target);
    return (await answerQuery(this.host, await this.store.find(id, runId), query.name, input)) as Output;
  }

  async update<Input, Output>(
    target: WorkflowTarget,
    update: { readonly name: string },
    input: Input,
    { updateId = randomUUID() }: { readonly updateId?: string } = {},
  ): Promise<Output> {
    const value = toJson(input, `input of update ${update.name}`);
    const message = {
      kind: 'update',
      name: update.name,
      senderId: '',
      updateId,
      ...(value !== undefined && { value }),
    } as const;
    return (await answerOfUpdate(this.host, this.store, update.name, () => this.send(target, message))) as Output;
  }

  async cancel(target: WorkflowTarget, reason = 'cancelled'): Promise<void> {
    await this.send(target, { kind: 'cancel', name: reason, senderId: '' });
  }

  async terminate(target: WorkflowTarget, reason = 'terminated'): Promise<void> {
    const { runId, workflowId } = await this.send(target, { kind: 'terminate', name: reason, senderId: '' });
    const { state } = await this.store.find(workflowId, runId);
    const failure = state.failure ?? { type: 'workflow_terminated', message: reason, retryable: false };
    this.hooks.onWorkflowFail({ workflowId, runId, workflow: state.workflow, status: 'terminated', failure });
  }

  async history(target: WorkflowTarget) {
    const { id, runId } = targetOf(target);
    const { run, state } = await this.store.find(id, runId);
    return historyOf(state, await this.store.entries(run.runId));
  }

  close(): Promise<void> {
    return this.host.close();
  }

  private async start(run: NewRun): Promise<string | undefined> {
    if (!(await this.host.create(run))) return undefined;
    this.hooks.onWorkflowStart({ workflowId: run.id, runId: run.runId, workflow: run.workflow });
    return run.runId;
  }

  /** A parent's order is carried out however long the store is down. */
  private async startChild(child: Omit<NewRun, 'runId' | 'ordinal'>): Promise<void> {
    this.requireWorkflow(child.workflow);
    const runId = randomUUID();
    for (;;) {
      try {
        if ((await this.start({ ...child, runId, ordinal: 1 })) !== undefined) return;
        const { run } = await this.store.find(child.id);
        if (run.parentRunId === child.parentRunId) return;
        throw new FleetError('job_exists', { id: child.id });
      } catch (error) {
        if (!isFleetError(error) || error.code !== 'store_unavailable') throw error;
        this.host.requireOpen();
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  private async send(target: WorkflowTarget, parts: Omit<NewMessage, 'sentAt'>) {
    const message = await this.store.send(targetOf(target), { ...parts, sentAt: Date.now() }, this.host.id);
    this.host.get(message.runId)?.message(message);
    return message;
  }

  private handle<Output>(id: string, runId: string): WorkflowHandle<Output> {
    const outcome: WorkflowHandle<Output>['outcome'] = async ({ signal } = {}) =>
      (await untilAborted(signal, () => this.outcome(id, runId, signal))) as WorkflowOutcome<Output>;
    return {
      id,
      runId,
      outcome,
      status: async () => (await this.store.load(id, runId)).status,
      async result() {
        const ended = await outcome();
        if (ended.status === 'completed') return ended.result;
        throw new WorkflowEndedError(id, ended.status, ended.failure);
      },
    };
  }

  private async outcome(
    id: string,
    startRunId: string | undefined,
    signal?: AbortSignal,
  ): Promise<WorkflowOutcome<unknown>> {
    let runId = startRunId;
    for (let waitMs = POLL_MS.first; ; waitMs = Math.min(waitMs * 2, POLL_MS.longest)) {
      signal?.throwIfAborted();
      const ended = runId === undefined ? undefined : await this.endedHere(runId);
      if (ended) {
        const outcome = outcomeOf(ended, fromJson);
        if (outcome) return outcome;
        runId = ended.next?.runId;
        continue;
      }
      const state = await this.lookAt(id, runId);
      if (state?.status === 'completed') return { status: 'completed', result: state.output };
      if (state?.status === 'continued_as_new') runId = state.continuedAs;
      else if (state && state.status !== 'running')
        return { status: state.status, failure: state.failure ?? { type: 'Error', message: '', retryable: true } };
      else {
        this.host.requireOpen();
        runId ??= state?.runId;
        if (runId === undefined || !this.host.get(runId)) await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  /** Waiting for an end outlives an outage of the store, as the run does. */
  private async lookAt(id: string, runId: string | undefined) {
    try {
      return await this.store.load(id, runId);
    } catch (error) {
      if (isFleetError(error) && error.code === 'store_unavailable') return undefined;
      throw error;
    }
  }

  private endedHere(runId: string) {
    if (!this.host.get(runId)) return undefined;
    return new Promise<Parameters<Parameters<Host['onEnd']>[1]>[0]>((resolve) => void this.host.onEnd(runId, resolve));
  }

  private requireWorkflow(name: string): void {
    if (this.workflows.has(name)) return;
    const names = [...this.workflows.keys()].toSorted().join(', ') || 'none';
    throw new FleetError('unknown_workflow', { got: JSON.stringify(name), names });
  }
}

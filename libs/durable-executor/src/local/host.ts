import { randomUUID } from 'node:crypto';
import { FleetError } from '@fleet/errors';
import type { Clock } from '../clock';
import type { AnyWorkflow } from '../context';
import type { WorkflowOutcome } from '../executor';
import type { Hooks } from '../hooks';
import type { ClaimedRun, Closing, JournalStore, NewRun, UpdateOutcome } from '../journal-store';
import type { AnyActivity } from './activity-task';
import { JournalWriter } from './journal-writer';
import { Membership } from './membership';
import { WorkflowRun } from './run';
import type { Children, RunServices } from './run-services';

/** What a host runs, and on what. */
export interface HostOptions {
  readonly store: JournalStore;
  readonly workflows: ReadonlyMap<string, AnyWorkflow>;
  readonly activities: ReadonlyMap<string, AnyActivity>;
  readonly clock: Clock;
  readonly hooks: Required<Hooks>;
  readonly defaultTimeoutMs: number;
  readonly leaseMs: number;
  readonly children: Children;
}

/** The runs of one process. */
export class Host {
  readonly id = randomUUID();
  private readonly runs = new Map<string, { readonly run: WorkflowRun; readonly fence: number }>();
  private readonly endings = new Map<string, Set<(closing: Closing | undefined) => void>>();
  private readonly answers = new Map<string, (outcome: UpdateOutcome) => void>();
  private readonly membership: Membership;
  private readonly services: RunServices;
  /** Runs that are being recorded. */
  private readonly starting = new Set<string>();
  private closed = false;

  constructor(private readonly options: HostOptions) {
    const { store, workflows, hooks, leaseMs } = options;
    this.membership = new Membership(store, { host: this.id, leaseMs }, [...workflows.keys()], {
      onClaimed: (run) => this.begin(run),
      onMessage: (message) => this.runs.get(message.runId)?.run.message(message),
      compare: () => this.compare(),
      onError: (error) => hooks.onError(error),
    });
    const { clock, activities, children, defaultTimeoutMs } = options;
    this.services = {
      clock,
      hooks,
      activities,
      children,
      defaultTimeoutMs,
      newRunId: () => randomUUID(),
      mayBegin: () => this.membership.mayBegin(),
      onClosed: (run, closing) => this.onClosed(run, closing),
      onDropped: (run) => this.forget(run, undefined),
      onOutcome: (messageId, outcome) => this.answers.get(messageId)?.(outcome),
    };
  }

  /** Gives the first sign of life, and takes over what dead hosts left. */
  start(): Promise<void> {
    return this.membership.start();
  }

  /** Begins a run that this host has just recorded, or taken over. */
  begin(claimed: ClaimedRun): void {
    const definition = this.options.workflows.get(claimed.workflow);
    if (this.closed || !definition || (this.runs.get(claimed.runId)?.fence ?? 0) >= claimed.fence) return;
    this.runs.get(claimed.runId)?.run.abandon();
    const { store, hooks } = this.options;
    const writer = new JournalWriter(
      { runId: claimed.runId, fence: claimed.fence },
      (append) => store.append(append, this.id),
      (error) => hooks.onError(error),
    );
    const run = new WorkflowRun(claimed, claimed.entries, definition, this.services, writer);
    this.runs.set(claimed.runId, { run, fence: claimed.fence });
    run.start();
    if (claimed.fence > 1 || claimed.ordinal > 1) void this.collectMessages(run);
  }

  /**
   * Records a run and begins it. When the store does not answer, it is begun later if it was recorded after all.
   *
   * @returns false when its id is taken. @throws FleetError `executor_closed`, `store_unavailable`
   */
  async create(run: NewRun): Promise<boolean> {
    this.requireOpen();
    await this.start();
    this.starting.add(run.runId);
    try {
      if (!(await this.options.store.create(run, this.id))) return false;
      this.begin({ ...run, fence: 1, createdAt: Date.now(), entries: [] });
      return true;
    } catch (error) {
      this.membership.doubt();
      throw error;
    } finally {
      this.starting.delete(run.runId);
    }
  }

  /** @throws FleetError `executor_closed` */
  requireOpen(): void {
    if (this.closed) throw new FleetError('executor_closed');
  }

  get(runId: string): WorkflowRun | undefined {
    return this.runs.get(runId)?.run;
  }

  /** A copy of a run that only goes through its journal: for questions about runs of other hosts, and of the past. */
  async look(run: NewRun): Promise<WorkflowRun | undefined> {
    const definition = this.options.workflows.get(run.workflow);
    if (!definition) return undefined;
    const copy = new WorkflowRun(
      run,
      await this.options.store.entries(run.runId),
      definition,
      this.services,
      undefined,
    );
    copy.start();
    await copy.replayed();
    return copy;
  }

  /** Calls back when the run has ended here, or is no longer here (undefined). @returns what ends the wait. */
  onEnd(runId: string, told: (closing: Closing | undefined) => void): () => void {
    const waiting = this.endings.get(runId) ?? new Set();
    this.endings.set(runId, waiting.add(told));
    return () => void waiting.delete(told);
  }

  /** Resolves with the outcome of an update once it is recorded here. */
  onAnswer(messageId: string, told: (outcome: UpdateOutcome) => void): () => void {
    this.answers.set(messageId, told);
    return () => void this.answers.delete(messageId);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.membership.close();
    for (const { run } of this.runs.values()) run.abandon();
    await this.options.store.release(this.id).catch((error: unknown) => this.options.hooks.onError(error));
  }

  private async collectMessages(run: WorkflowRun): Promise<void> {
    try {
      const messages = await this.options.store.messages(run.run.id, run.run.runId);
      for (const message of messages) run.message(message);
    } catch {
      // They come with the next sign of life.
    }
  }

  /** Drops runs that are others' now. @returns runs that are this host's and that it does not have. */
  private async compare(): Promise<readonly string[]> {
    // As they are now: a run that begins while the store is asked may be missing from its answer.
    const before = [...this.runs];
    const fences = await this.options.store.fences(this.id);
    for (const [runId, { run, fence }] of before) {
      // A run that has ended is not among the running ones; its last write settles what it is.
      if (run.closing === undefined && fences.get(runId) !== fence) run.abandon();
    }
    return [...fences.keys()].filter((runId) => !this.runs.has(runId) && !this.starting.has(runId));
  }

  private onClosed(run: WorkflowRun, closing: Closing): void {
    this.forget(run, closing);
    const { hooks } = this.options;
    if (closing.status === 'completed' || closing.status === 'continued_as_new')
      hooks.onWorkflowComplete({ ...run.event, status: closing.status });
    else hooks.onWorkflowFail({ ...run.event, status: closing.status, failure: closing.failure ?? NO_FAILURE });
    if (closing.next) this.begin({ ...closing.next, fence: 1, createdAt: Date.now(), entries: [] });
  }

  private forget(run: WorkflowRun, closing: Closing | undefined): void {
    const { runId } = run.run;
    if (this.runs.get(runId)?.run === run) this.runs.delete(runId);
    const waiting = this.endings.get(runId);
    this.endings.delete(runId);
    for (const told of waiting ?? []) told(closing);
  }
}

const NO_FAILURE = { type: 'Error', message: '', retryable: true };

/** The outcome that a run's end stands for; undefined when it goes on in another run. */
export function outcomeOf(
  closing: Closing,
  parse: (json: string | undefined) => unknown,
): WorkflowOutcome<unknown> | undefined {
  if (closing.status === 'continued_as_new') return undefined;
  if (closing.status === 'completed') return { status: 'completed', result: parse(closing.output) };
  return { status: closing.status, failure: closing.failure ?? NO_FAILURE };
}

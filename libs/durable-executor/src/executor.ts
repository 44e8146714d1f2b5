import type {
  Duration,
  Failure,
  QueryDefinition,
  SignalDefinition,
  UpdateDefinition,
  WorkflowDefinition,
} from './context';
import type { WorkflowStore } from './store';

/** Where a run stands. */
export type WorkflowStatus =
  'running' | 'completed' | 'failed' | 'canceled' | 'terminated' | 'timed_out' | 'continued_as_new';

/** Where a run ended. */
export type ClosedStatus = Exclude<WorkflowStatus, 'running'>;

/** How a workflow ended. */
export type WorkflowOutcome<Output> =
  | { readonly status: 'completed'; readonly result: Output }
  | { readonly status: Exclude<ClosedStatus, 'completed' | 'continued_as_new'>; readonly failure: Failure };

/** The nine types of history events. */
export type HistoryEventType =
  | 'workflow_started'
  | 'workflow_completed'
  | 'workflow_failed'
  | 'workflow_canceled'
  | 'activity_started'
  | 'activity_completed'
  | 'activity_failed'
  | 'signal_received'
  | 'timer_fired';

/**
 * One event of a run, the same from every executor. A run that was terminated or timed out ends with `workflow_failed` and
 * that as its failure's type; one that continued as new with `workflow_completed` and `continuedAs`.
 */
export interface HistoryEvent {
  /** 1 for the first, without gaps. */
  readonly number: number;
  readonly type: HistoryEventType;
  readonly at: Date;
  /** Name of the workflow, activity or signal. */
  readonly name?: string;
  /** Attempt that the activity ended with. */
  readonly attempt?: number;
  readonly failure?: Failure;
  /** Run that this one went on as. */
  readonly continuedAs?: string;
}

/** Options of `execute`. */
export interface ExecuteOptions {
  /** Business id, 1 to 200 characters; used once, ever. Default: the workflow's name and a random UUID. */
  readonly id?: string;
  /** Longest time from its first start to its end, runs it continues as included. Default: the executor's, 10 minutes. */
  readonly timeout?: Duration;
  /** Principal it runs for; its activities are told. Default `local`. */
  readonly owner?: string;
}

/** A workflow by its id: its latest run, or the run named. */
export type WorkflowTarget = string | { readonly id: string; readonly runId?: string };

/** One workflow that was started, or is looked at. */
export interface WorkflowHandle<Output> {
  readonly id: string;
  /** The run that `execute` started or `getHandle` named; of `getHandle` without a run the one that was the latest then. */
  readonly runId: string;
  /** Where that run stands now. @throws FleetError `job_not_found` when it was deleted since. */
  status(): Promise<WorkflowStatus>;
  /**
   * The result, waited for; goes on to the runs it continues as.
   *
   * @throws WorkflowEndedError when it ended otherwise than completed; FleetError `executor_closed` when it had not ended by then.
   */
  result(): Promise<Output>;
  /**
   * How it ended, waited for; goes on to the runs it continues as.
   *
   * @param options.signal Ends the wait, not the workflow: it then throws the signal's reason.
   * @throws FleetError `executor_closed`
   */
  outcome(options?: { readonly signal?: AbortSignal | undefined }): Promise<WorkflowOutcome<Output>>;
}

/** What a list can be narrowed to. */
export interface ListFilter {
  readonly status?: WorkflowStatus;
  /** 1 to 200. Default 50. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/**
 * Runs durable workflows. Every method throws FleetError `job_not_found` for an unknown id, and `store_unavailable` or
 * `temporal_unavailable` when what it stands on does not answer in time.
 */
export interface DurableExecutor {
  /** The states of its workflows. */
  readonly store: WorkflowStore;
  /**
   * Starts a workflow; returns once the start is recorded, and nothing of the caller's is needed from then on.
   *
   * @throws FleetError `unknown_workflow`, `job_exists`, `invalid_input`, `not_serializable`, `payload_too_large`,
   * `executor_closed`.
   */
  execute<Input, Output>(
    workflow: WorkflowDefinition<Input, Output>,
    input: Input,
    options?: ExecuteOptions,
  ): Promise<WorkflowHandle<Output>>;
  /** Of a workflow that exists. The definition is there for its type. @throws FleetError `job_not_found` */
  getHandle<Input, Output>(
    workflow: WorkflowDefinition<Input, Output>,
    target: WorkflowTarget,
  ): Promise<WorkflowHandle<Output>>;
  /** Returns once the signal is recorded, whether anyone listens or not. @throws FleetError `job_closed` */
  signal<Payload>(
    target: WorkflowTarget,
    signal: SignalDefinition<Payload>,
    payload: Payload,
    options?: { readonly senderId?: string },
  ): Promise<void>;
  /**
   * Asks a question, also of a workflow that has ended.
   *
   * @throws FleetError `unknown_query`, `query_failed`.
   */
  query<Input, Output>(target: WorkflowTarget, query: QueryDefinition<Input, Output>, input: Input): Promise<Output>;
  /**
   * Asks for a change and waits until it took effect. The same `updateId` again gives the same answer, without another effect.
   *
   * @throws FleetError `update_rejected` with the validator's reason, `update_failed`, `unknown_update`, `job_closed`.
   */
  update<Input, Output>(
    target: WorkflowTarget,
    update: UpdateDefinition<Input, Output>,
    input: Input,
    options?: { readonly updateId?: string },
  ): Promise<Output>;
  /** Asks the run to end by itself, its clean-up included. @throws FleetError `job_closed` */
  cancel(target: WorkflowTarget, reason?: string): Promise<void>;
  /** Ends the run at once, whatever it does. @throws FleetError `job_closed` */
  terminate(target: WorkflowTarget, reason?: string): Promise<void>;
  /** The events of a run, oldest first, also after its end. */
  history(target: WorkflowTarget): Promise<readonly HistoryEvent[]>;
  /** Stops taking work and lets go of what it runs, for another process or the next start to go on with. */
  close(): Promise<void>;
}

/** Queries that every workflow answers. */
export const BUILT_IN_QUERIES = ['status', 'progress', 'result'] as const;

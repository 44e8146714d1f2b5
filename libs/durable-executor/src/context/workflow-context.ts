import type { ActivityOptions } from './activity-options';
import type {
  ActivityDefinition,
  QueryDefinition,
  SignalDefinition,
  UpdateDefinition,
  WorkflowDefinition,
} from './definitions';
import type { Duration } from './duration';

/** A signal as it is received. */
export interface Signal<Payload> {
  readonly payload: Payload;
  /** Epoch milliseconds by the sender's clock. */
  readonly sentAt: number;
  /** Who sent it; empty when the sender did not say. */
  readonly senderId: string;
}

/**
 * The receiving end of a signal. Signals are kept from the start of the run, in the order they came, whether anyone
 * listens or not. Several receivers of one name compete: each signal goes to one of them, whoever waited first.
 */
export interface SignalReceiver<Payload> extends AsyncIterable<Signal<Payload>> {
  /**
   * The next signal, or undefined when none came in time.
   *
   * @param options.timeout Default: as long as it takes.
   * @throws CanceledError when the workflow is cancelled.
   */
  receive(): Promise<Signal<Payload>>;
  receive(options: { readonly timeout: Duration }): Promise<Signal<Payload> | undefined>;
}

/** What answers an update. */
export interface UpdateHandler<Input, Output> {
  /**
   * Refuses by throwing, before anything is recorded; it reads state and changes none. The sender gets `update_rejected`.
   * It cannot wait: one that is asynchronous refuses everything.
   */
  readonly validate?: (input: Input) => void;
  /** Takes effect; may use the context. Nothing else of the workflow runs until its first wait. */
  readonly handle: (input: Input) => Output | Promise<Output>;
}

/** What a run knows of itself. */
export interface WorkflowInfo {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflow: string;
  /** Principal the run belongs to. */
  readonly owner: string;
}

/** Whether the run was asked to end. */
export interface Cancellation {
  readonly requested: boolean;
  readonly reason: string | undefined;
}

/** Options of `executeChild`. */
export interface ChildOptions {
  /** Default: the parent's id, run and a number: the same after a restart. */
  readonly id?: string;
  /** Longest time from its first start to its end. Default: the executor's. */
  readonly timeout?: Duration;
}

/** Options of `startDetached`. */
export interface DetachedOptions extends ChildOptions {
  /** The same after a restart. Of an id that is taken nothing is started: whoever took it meant the same work. */
  readonly id: string;
}

/**
 * All that a durable workflow may do besides computing. What it does twice with the same answers must be the same: no clock,
 * chance, network or file of its own. Every call is one numbered entry of the run's history; after a crash the code runs
 * again and is given the recorded answers.
 */
export interface WorkflowContext {
  readonly info: WorkflowInfo;
  readonly cancellation: Cancellation;
  /**
   * Runs an activity, retried as its options say.
   *
   * @throws ActivityError when it failed for good; CanceledError.
   * @throws FleetError `invalid_input`, `not_serializable`, `payload_too_large`, `unknown_activity`: nothing was started.
   */
  executeActivity<Input, Output>(
    activity: ActivityDefinition<Input, Output>,
    input: Input,
    options?: ActivityOptions,
  ): Promise<Output>;
  /** The receiver of a signal. */
  receiveSignal<Payload>(signal: SignalDefinition<Payload>): SignalReceiver<Payload>;
  /** Answers a query from the workflow's state; must change nothing. `status`, `progress` and `result` are answered anyway. */
  onQuery<Input, Output>(query: QueryDefinition<Input, Output>, handle: (input: Input) => Output): void;
  /** Takes an update; those that came before are handed over now, in order. */
  onUpdate<Input, Output>(update: UpdateDefinition<Input, Output>, handler: UpdateHandler<Input, Output>): void;
  /** Waits durably: a restart does not begin it anew. @throws CanceledError */
  sleep(duration: Duration): Promise<void>;
  /** Waits until the condition is true, which is looked at after every event of the run. @throws CanceledError */
  waitUntil(condition: () => boolean): Promise<void>;
  /** Like the other, and false when it was not true in time. */
  waitUntil(condition: () => boolean, options: { readonly timeout: Duration }): Promise<boolean>;
  /** Runs another workflow to its end. @throws ChildWorkflowError, CanceledError */
  executeChild<Input, Output>(
    workflow: WorkflowDefinition<Input, Output>,
    input: Input,
    options?: ChildOptions,
  ): Promise<Output>;
  /** Starts another workflow that goes on whatever becomes of this one. Resolves once the start is recorded. @throws CanceledError */
  startDetached<Input, Output>(
    workflow: WorkflowDefinition<Input, Output>,
    input: Input,
    options: DetachedOptions,
  ): Promise<void>;
  /** Epoch milliseconds, the same after a restart. */
  now(): number;
  /** A random version 4 UUID, the same after a restart. */
  uuid(): string;
  /** From 0 up to 1, the same after a restart. Not for secrets. */
  random(): number;
  /** What the `progress` query answers from now on. */
  progress(value: unknown): void;
  /** Ends this run and begins another of the same id and workflow, with an empty history. Never returns. */
  continueAsNew<Input>(workflow: WorkflowDefinition<Input, unknown>, input: Input): Promise<never>;
  /** Runs clean-up that a cancellation must not disturb: calls within it are carried out, also after a cancellation. */
  nonCancellable<Result>(work: () => Promise<Result>): Promise<Result>;
}

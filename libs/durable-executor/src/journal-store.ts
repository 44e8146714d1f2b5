import type { Failure } from './context';
import type { ClosedStatus } from './executor';
import type { WorkflowState, WorkflowStore } from './store';

/** What the code asked for: on a replay it must ask for the same, in the same order. */
export type CommandType = 'activity' | 'timer' | 'child' | 'now' | 'uuid' | 'random' | 'update_completed';
/** What came from outside: on a replay it is handed over at the same place. */
export type InboundType =
  'activity_completed' | 'activity_failed' | 'timer_fired' | 'child_ended' | 'signal' | 'update' | 'cancel_requested';

/** One numbered entry of a run's journal. */
export interface JournalEntry {
  /** From 1, without gaps. */
  readonly number: number;
  /** `activity_retrying` and `closed` are neither asked for nor handed over. */
  readonly type: CommandType | InboundType | 'activity_retrying' | 'closed';
  /** Number of the operation it belongs to; 0 = none. */
  readonly operation: number;
  /** Name of the activity, signal, update or child workflow; '' = none. */
  readonly name: string;
  /** Epoch milliseconds by the executor's clock. */
  readonly at: number;
  /** JSON of the value passed, such as a result or a payload. */
  readonly value?: string;
  /** JSON of what else belongs to it. */
  readonly detail?: string;
}

/** What is to be known to start a run. */
export interface NewRun {
  readonly id: string;
  readonly runId: string;
  /** 1 for the first run of an id; each run that continues it has the next. */
  readonly ordinal: number;
  readonly workflow: string;
  readonly owner: string;
  /** JSON. */
  readonly input?: string;
  /** JSON: signals that the run before had received and not used. */
  readonly carried?: string;
  /** Epoch milliseconds at which it times out, by the executor's clock. */
  readonly timeoutAt: number;
  /** Run that started it as its child. */
  readonly parentRunId?: string;
}

/** A run that this host may work on, and nobody else as long as its fence is the newest. */
export interface ClaimedRun extends NewRun {
  readonly fence: number;
  readonly createdAt: number;
  readonly entries: readonly JournalEntry[];
}

/** What is sent to a run from outside. */
export interface NewMessage {
  readonly kind: 'signal' | 'update' | 'cancel' | 'terminate';
  readonly name: string;
  /** JSON. */
  readonly value?: string;
  readonly senderId: string;
  readonly sentAt: number;
  /** Of two updates of a workflow with the same key there is only one. */
  readonly updateId?: string;
}

/** How an update ended. */
export interface UpdateOutcome {
  readonly state: 'completed' | 'rejected' | 'failed' | 'unknown';
  /** JSON of the answer when completed. */
  readonly value?: string;
  readonly failure?: Failure;
}

/** A message that is stored. */
export interface StoredMessage extends NewMessage {
  readonly messageId: string;
  readonly workflowId: string;
  /** The run it is for. */
  readonly runId: string;
}

/** How a run ends. */
export interface Closing {
  readonly status: ClosedStatus;
  /** JSON. */
  readonly output?: string;
  readonly failure?: Failure;
  /** The run that continues it, recorded in the same write. */
  readonly next?: NewRun;
}

/** One write of a run: all of it is recorded, or nothing. Writing the same again changes nothing. */
export interface Append {
  readonly runId: string;
  readonly fence: number;
  readonly entries: readonly JournalEntry[];
  /** Messages that are in the journal from now on. */
  readonly consumed: readonly string[];
  /** Updates that are answered from now on. */
  readonly outcomes: readonly { readonly messageId: string; readonly outcome: UpdateOutcome }[];
  readonly closing?: Closing;
}

/** A claim on runs: which host, and how long it counts without a sign of life. */
export interface Lease {
  readonly host: string;
  readonly leaseMs: number;
}

/**
 * What the local executor stands on. Every method throws FleetError `store_unavailable` when the store does not answer; its
 * effect is then unknown, and each can be repeated.
 */
export interface JournalStore extends WorkflowStore {
  /** Records a run, claimed by the host. @returns false when the id is taken. */
  create(run: NewRun, host: string): Promise<boolean>;
  /** @returns false when the run is no longer this host's: nothing was recorded. */
  append(append: Append, host: string): Promise<boolean>;
  /** The journal of a run, oldest first. */
  entries(runId: string): Promise<readonly JournalEntry[]>;
  /** A run, or the latest of an id, as it was started and as it is. @throws FleetError `job_not_found` */
  find(id: string, runId?: string): Promise<{ readonly run: NewRun; readonly state: WorkflowState }>;
  /** A sign of life of the host. @returns messages that wait for runs of it. */
  beat(lease: Lease): Promise<readonly StoredMessage[]>;
  /** Fences of the running runs that are the host's, by run id. */
  fences(host: string): Promise<ReadonlyMap<string, number>>;
  /**
   * Takes over running runs, of these workflows, of hosts that gave no sign of life for their lease, and of none.
   *
   * @param lost Runs that are the host's already and that it does not have: taken once more.
   */
  claim(
    host: string,
    workflows: readonly string[],
    limit: number,
    lost?: readonly string[],
  ): Promise<readonly ClaimedRun[]>;
  /** Gives all runs of the host free. */
  release(host: string): Promise<void>;
  /** Messages that wait for a run, oldest first. */
  messages(workflowId: string, runId: string): Promise<readonly StoredMessage[]>;
  /**
   * Records a message for a running run; `terminate` ends it in the same write.
   *
   * @returns the message; for a known `updateId` the one made first, with its outcome when it has one.
   * @throws FleetError `job_not_found`, `job_closed`
   */
  send(
    target: { readonly id: string; readonly runId?: string },
    message: NewMessage,
    host: string,
  ): Promise<StoredMessage & { readonly outcome?: UpdateOutcome }>;
  /** Undefined while the update has no outcome. */
  outcome(messageId: string): Promise<UpdateOutcome | undefined>;
  /** Calls back soon after another host sent a message to a run of this one. @returns what ends it. */
  watch(host: string, onMessage: (message: StoredMessage) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

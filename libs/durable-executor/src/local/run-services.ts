import type { Clock } from '../clock';
import type { Hooks } from '../hooks';
import type { WorkflowOutcome } from '../executor';
import type { Closing, NewRun, UpdateOutcome } from '../journal-store';
import type { AnyActivity } from './activity-task';
import type { WorkflowRun } from './run';

/** Children of runs, as the executor keeps them. */
export interface Children {
  /** Starts it, or finds it started by the same parent before a restart. @throws FleetError `job_exists` when it is another's. */
  start(child: Omit<NewRun, 'runId' | 'ordinal'>): Promise<void>;
  outcome(id: string): Promise<WorkflowOutcome<unknown>>;
  cancel(id: string, reason: string): Promise<void>;
  terminate(id: string, reason: string): Promise<void>;
}

/** What runs need of the executor that they run in. */
export interface RunServices {
  readonly clock: Clock;
  readonly hooks: Required<Hooks>;
  readonly activities: ReadonlyMap<string, AnyActivity>;
  readonly children: Children;
  /** Longest time of a child that says nothing, milliseconds. */
  readonly defaultTimeoutMs: number;
  newRunId(): string;
  /** False while this host may have lost its claims: nothing must begin. */
  mayBegin(): Promise<void>;
  /** The end of a run is recorded. */
  onClosed(run: WorkflowRun, closing: Closing): void;
  /** A run is no longer this host's. */
  onDropped(run: WorkflowRun): void;
  /** The outcome of an update is recorded. */
  onOutcome(messageId: string, outcome: UpdateOutcome): void;
}

import type { Failure } from './context';
import type { ListFilter, WorkflowStatus } from './executor';

/** One run as a store has it. Input and output are JSON values. */
export interface WorkflowState {
  readonly id: string;
  readonly runId: string;
  readonly workflow: string;
  readonly status: WorkflowStatus;
  readonly owner: string;
  readonly input: unknown;
  /** Present when completed. */
  readonly output?: unknown;
  /** Present when failed, canceled, terminated or timed out. */
  readonly failure?: Failure;
  /** Present when it continued as new. */
  readonly continuedAs?: string;
  readonly createdAt: Date;
  readonly closedAt?: Date;
  /** Raised by every change; `save` refuses a state that is not based on the newest. */
  readonly version: number;
}

/** A page of a list. */
export interface StatePage {
  readonly items: readonly WorkflowState[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

/**
 * States of workflows, newest first wherever there are several. Every method that a store cannot do throws FleetError
 * `not_supported`; none does nothing in silence.
 */
export interface WorkflowStore {
  /**
   * Adds the state of a run, version 0, or replaces the one it is based on.
   *
   * @returns it with its new version. @throws FleetError `state_conflict` when it was changed by somebody else.
   */
  save(state: WorkflowState): Promise<WorkflowState>;
  /** The state of that run, or of the latest. @throws FleetError `job_not_found` */
  load(id: string, runId?: string): Promise<WorkflowState>;
  /** @throws FleetError `invalid_input` for a limit or cursor that cannot be used. */
  list(filter?: ListFilter): Promise<StatePage>;
  /** Removes every run of a workflow that has ended. @throws FleetError `job_not_found`, `job_not_closed` */
  delete(id: string): Promise<void>;
}

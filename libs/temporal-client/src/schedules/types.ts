import type { TaskQueueName } from '@fleet/task-queues';
import type { InputOf, WorkflowName } from '@fleet/workflow-registry';

/** A schedule as code states it. */
export type ScheduleSpec = {
  readonly [Name in WorkflowName]: {
    /** Id of the schedule; its runs are named after it and the time. */
    readonly id: string;
    /** Five fields, UTC. */
    readonly cron: string;
    readonly workflow: Name;
    readonly input: InputOf<Name>;
    readonly queue: TaskQueueName;
    /** Principal its runs belong to. Default `local`. */
    readonly owner?: string;
  };
}[WorkflowName];

/** A whole schedule, as the server is to have it. */
export interface WholeSchedule {
  /** Id of the fleet it is of: the mark by which that fleet knows its own. */
  readonly fleet: string;
  /** Also the id of its runs, with the time behind it. */
  readonly id: string;
  /** Principal its runs belong to. */
  readonly owner: string;
  /** A workflow of the registry. */
  readonly workflow: string;
  /** Checked against the registry before it is written. */
  readonly input: unknown;
  readonly queue: string;
  /** Five fields. Null: only `runAt` starts it. */
  readonly cron: string | null;
  /** The next run, once, in the place of the cron until it has passed. Rounded up to a second. */
  readonly runAt: Date | null;
  /**
   * Takes the place of `runAt`, which passed before the server was known to have it. Not if the server has this version: then
   * it had it in time. Default: none.
   */
  readonly owedAt?: Date | undefined;
  /** Of the cron; a name of IANA's database. */
  readonly timezone: string;
  /** Seconds that a run is put off by at most. */
  readonly jitterSeconds: number;
  /** Seconds within which a run that was missed is made up for, at least 10. */
  readonly catchupSeconds: number;
  readonly paused: boolean;
  readonly note: string | null;
  /** Of the row that says all this. */
  readonly version: number;
  /** The version that the server was last written with. 0: perhaps it has none, or one of somebody else. */
  readonly appliedVersion: number;
}

/** A schedule as the server has it. */
export interface ScheduleDescription {
  readonly id: string;
  readonly workflow: string;
  readonly queue: string;
  /** Of the row it was written from. Absent on a schedule that this library did not make. */
  readonly version?: number;
  /** Absent on a schedule that this library did not make. */
  readonly cron?: string;
  readonly paused: boolean;
  readonly note?: string;
  /** The next ten. */
  readonly nextRuns: readonly Date[];
  /** The last ten, oldest first. */
  readonly recentRuns: readonly { readonly id: string; readonly runId: string; readonly startedAt: Date }[];
}

/** What happens to a run of a backfill that is due while another one is going on. */
export type BackfillOverlap = 'skip' | 'buffer_all' | 'allow_all';

/** Runs that were missed, to be made up for. */
export interface Backfill {
  readonly from: Date;
  readonly to: Date;
  /** Default `buffer_all`: one after the other. */
  readonly overlap?: BackfillOverlap;
}

import type { TaskQueueName, TaskQueueSettings } from '@fleet/task-queues';
import type { InputOf, OutputOf, WorkflowName } from '@fleet/workflow-registry';
import type { FleetAdmin } from './admin/fleet-admin';
import type { Backfill, ScheduleDescription, WholeSchedule } from './schedules/types';

/** Where a job stands. The spelling is ours; Temporal's own is mapped in one place. */
export type JobStatus =
  'running' | 'completed' | 'failed' | 'canceled' | 'terminated' | 'timed_out' | 'continued_as_new' | 'paused';

/** `workflow` = a workflow execution, `job` = a standalone activity. */
export type JobKind = 'workflow' | 'job';

export interface StartOptions {
  /** Business id. Default: the workflow's name and a random UUID. */
  readonly id?: string;
  /** One of the entry's allowed queues. Default: its own. */
  readonly queue?: string;
  /** 1 (first) to 5 (last) within the queue. Default 3. */
  readonly priority?: number;
  /** Principal the job belongs to; travels to its activities. Default `local`. */
  readonly owner?: string;
  /** An id in use: `fail` throws `job_exists`, `use-running` answers with the run that has it. Default `fail`. */
  readonly onConflict?: 'fail' | 'use-running';
  /** An id of a closed run: `refuse` throws `job_exists`, `new-run` starts again. Default `refuse`. */
  readonly onClosed?: 'refuse' | 'new-run';
}

export interface UpdateOptions {
  /** Default: a new one for each call. */
  readonly updateId?: string;
  /** The run to ask. Default: the latest. */
  readonly runId?: string;
}

/** A job that was started. */
export interface StartedJob {
  readonly id: string;
  readonly runId: string;
  readonly workflow: WorkflowName;
  readonly kind: JobKind;
  readonly queue: TaskQueueName;
}

export interface JobSummary {
  readonly id: string;
  readonly runId: string;
  /** Workflow type or activity type; not always of the registry, as others may use the same namespace. */
  readonly workflow: string;
  readonly kind: JobKind;
  readonly queue: string;
  readonly status: JobStatus;
  readonly startedAt: Date;
  readonly closedAt?: Date;
}

/** Why a job failed, in the words of the error table where its type is in it. */
export interface JobFailure {
  /** Failure type: a code of the error table, or Temporal's own (`TimeoutFailure`, ...). */
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  /** False when the same input can never succeed. */
  readonly retryable: boolean;
}

export interface JobDescription extends JobSummary {
  /** Answer of the `progress` query, or the last heartbeat of a job; absent when there is none or no worker answers in time. */
  readonly progress?: unknown;
  /** Attempts so far; jobs only. */
  readonly attempt?: number;
  /** Present when completed. */
  readonly result?: unknown;
  /** Present when failed, canceled, terminated or timed out. */
  readonly failure?: JobFailure;
}

/** How a job ended, or that it has not. */
export type JobResult<Output = unknown> =
  | { readonly status: 'completed'; readonly result: Output }
  | { readonly status: 'running' | 'paused' }
  | { readonly status: Exclude<JobStatus, 'completed' | 'running' | 'paused'>; readonly failure: JobFailure };

export interface HistoryEvent {
  readonly eventId: number;
  /** Temporal's name, for instance `ActivityTaskScheduled`. */
  readonly type: string;
  readonly timestamp: Date;
  /** Activity, timer, signal or child workflow it is about. */
  readonly name?: string;
  readonly attempt?: number;
  readonly failure?: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Opaque; pass it as `cursor` for the next page. Absent on the last. */
  readonly nextCursor?: string;
}

export interface ListQuery {
  readonly workflow?: string;
  readonly queue?: string;
  readonly status?: JobStatus;
  /** 1 to 200. Default 50. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** One side (workflow tasks or activities) of a queue as the server sees it; stats are up to 5 s old. */
export interface QueueLoad {
  readonly pollers: number;
  readonly backlog: number;
  /** Age of the oldest waiting task, seconds. */
  readonly oldestAgeSeconds: number;
  /** Tasks added per second, 30 s average. */
  readonly addRate: number;
  /** Tasks handed out per second, 30 s average. */
  readonly dispatchRate: number;
  /** Slots over all live workers. */
  readonly slotsUsed: number;
  readonly slotsTotal: number;
}

/** The rate of a queue's activities and who set it. */
export interface QueueRate {
  /** Per second; `null` = no limit, 0 = paused. */
  readonly perSecond: number | null;
  readonly setBy: 'table' | 'operator' | 'worker' | 'nobody';
  readonly reason?: string;
  readonly updatedAt?: Date;
}

export interface QueueDescription {
  readonly name: TaskQueueName;
  readonly settings: TaskQueueSettings;
  readonly rate: QueueRate;
  /** Live workers: a heartbeat within the last 3 intervals. */
  readonly workers: number;
  readonly workflows: QueueLoad;
  readonly activities: QueueLoad;
}

export interface WorkerDescription {
  readonly key: string;
  readonly identity: string;
  readonly queue: string;
  readonly host: string;
  readonly pid: number;
  readonly status: 'running' | 'draining' | 'dead';
  readonly startedAt: Date;
  readonly heartbeatAt: Date;
  readonly activitySlotsUsed: number;
  readonly activitySlotsTotal: number;
  readonly workflowSlotsUsed: number;
  readonly workflowSlotsTotal: number;
  readonly cachedWorkflows: number;
  /** 0 to 1 of the host. */
  readonly hostCpu: number;
  /** 0 to 1 of the host. */
  readonly hostMemory: number;
  readonly sdkVersion: string;
}

export type { Backfill, BackfillOverlap, ScheduleDescription, ScheduleSpec, WholeSchedule } from './schedules/types';

/**
 * The typed client: the registry decides queue and timeouts, every call has a deadline. Every method throws FleetError
 * `temporal_unavailable` when the server does not answer within it, `temporal_refused` when it does not let us in, and `job_not_found` for an unknown id.
 */
export interface FleetClient {
  /** What an operator asks. */
  readonly admin: FleetAdmin;
  /** Validates and starts. @throws FleetError `unknown_workflow`, `invalid_input`, `unknown_queue`, `queue_not_allowed`, `job_exists`, `payload_too_large`. */
  start<Name extends WorkflowName>(name: Name, input: InputOf<Name>, options?: StartOptions): Promise<StartedJob>;
  describe(id: string, runId?: string): Promise<JobDescription>;
  /** Waits up to `waitMs` (default 0) for the end. Never throws for a failed job: the failure is in the answer. */
  result<Name extends WorkflowName>(
    id: string,
    options?: { readonly waitMs?: number; readonly runId?: string },
  ): Promise<JobResult<OutputOf<Name>>>;
  /** @throws FleetError `job_closed`. */
  cancel(id: string, reason?: string): Promise<void>;
  /** @throws FleetError `job_closed`. */
  terminate(id: string, reason?: string): Promise<void>;
  /** @throws FleetError `unknown_signal`, `not_supported` (jobs have none), `job_closed`. */
  signal(id: string, name: string, args?: readonly unknown[]): Promise<void>;
  /** @throws FleetError `unknown_query`, `not_supported` (jobs have none). */
  query(id: string, name: string, args?: readonly unknown[]): Promise<unknown>;
  /**
   * Asks for a change and waits until it took effect. The same `updateId` again gives the same answer, without another effect.
   *
   * @throws FleetError `unknown_update`, `not_supported` (jobs have none), `job_closed`; `update_rejected` and `update_failed`
   * with the reason's type and text in `details`.
   */
  update(id: string, name: string, input: unknown, options?: UpdateOptions): Promise<unknown>;
  /**
   * Same id, input, queue, priority and owner, new run. `owner` counts only when the old run has none.
   *
   * @throws FleetError `job_not_closed`, `unknown_workflow`.
   */
  retry(id: string, owner?: string): Promise<StartedJob>;
  /**
   * Running ones first, then closed ones, each newest first.
   *
   * @throws FleetError `unknown_workflow`, `unknown_queue`, `invalid_input`.
   */
  list(query?: ListQuery): Promise<Page<JobSummary>>;
  /** Oldest first. `limit` is 1 to 1,000, default 100; the server may go a few over it. */
  history(id: string, options?: { readonly limit?: number; readonly cursor?: string }): Promise<Page<HistoryEvent>>;
  queues(): Promise<readonly QueueDescription[]>;
  queue(name: TaskQueueName): Promise<QueueDescription>;
  /**
   * Sets the rate at once for all workers, 0 to 1,000; `null` gives it back to the table. A queue that was paused (0) takes
   * about a second to resume.
   *
   * @throws FleetError `invalid_input`, `not_supported` by a server without the call.
   */
  setRate(name: TaskQueueName, perSecond: number | null, reason?: string): Promise<QueueDescription>;
  workers(): Promise<readonly WorkerDescription[]>;
  /** True when a live worker polls the queue. Cached for a second. */
  hasPollers(name: TaskQueueName): Promise<boolean>;
  /**
   * Makes the server's schedule of that id what is given, whole. Only one may write a schedule at a time: the server takes
   * whatever comes last. A run that would overlap the last is skipped.
   *
   * @throws FleetError `schedule_refused`: the server's own is nobody's of the fleet, or the server does not take it;
   * `not_supported` for a job (schedules start workflows); what `start` throws for its input.
   */
  putSchedule(schedule: WholeSchedule): Promise<void>;
  /**
   * One that is not there is as good as removed. Runs that are going on stay.
   *
   * @param fleet Id of a fleet: one that another fleet made is left alone. Default: it goes, whoever made it.
   */
  removeSchedule(id: string, fleet?: string): Promise<void>;
  /** Runs it now; answers with the run that is going on when there is one. @throws FleetError `schedule_not_found`. */
  triggerSchedule(id: string): Promise<{ readonly id: string; readonly runId: string }>;
  /** Makes up for the runs that were due in a time, both ends included. @throws FleetError `schedule_not_found`. */
  backfillSchedule(id: string, backfill: Backfill): Promise<void>;
  /** @throws FleetError `schedule_not_found`. */
  describeSchedule(id: string): Promise<ScheduleDescription>;
  /** Resolves when the namespace answers. @throws FleetError `temporal_unavailable`. */
  ping(deadlineMs?: number): Promise<void>;
  close(): Promise<void>;
}

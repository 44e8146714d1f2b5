import type { JobStatus, Page } from '../fleet-client';

/** One run of a workflow, whoever started it. */
export interface Execution {
  readonly id: string;
  readonly runId: string;
  /** Not always of the registry: others may use the same namespace. */
  readonly workflowType: string;
  readonly status: JobStatus;
  readonly queue: string;
  readonly startedAt: Date;
  /** Absent while it runs. */
  readonly closedAt?: Date;
  /** When its first task was due: later than the start for one that was started with a delay or by a cron. */
  readonly executionAt?: Date;
}

export interface ExecutionQuery {
  /** Those started within so many hours, 1 to 168. Default 24. */
  readonly hours?: number;
  readonly status?: JobStatus;
  readonly workflowType?: string;
  /** 1 to 200. Default 50. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** When a schedule is due, as the server keeps it: it turns calendars and cron lines into one form. */
export interface ScheduleTimes {
  /** Five fields each; six where it names years, seven where it names seconds. */
  readonly cron: readonly string[];
  readonly intervals: readonly { readonly everySeconds: number; readonly offsetSeconds: number }[];
  /** What is left out, in the form of `cron`. */
  readonly except: readonly string[];
  /** IANA name. `UTC` unless it says otherwise. */
  readonly timeZone: string;
  /** Each run is moved by up to so many seconds. */
  readonly jitterSeconds: number;
  readonly startsAt?: Date;
  readonly endsAt?: Date;
}

/** One run that a schedule has started. */
export interface ScheduleAction {
  readonly scheduledFor: Date;
  readonly startedAt: Date;
  readonly id: string;
  readonly runId: string;
}

/** A schedule in a list, whoever made it. */
export interface ScheduleSummary {
  readonly id: string;
  readonly workflowType: string;
  readonly times: ScheduleTimes;
  readonly paused: boolean;
  readonly note?: string;
  /** The next five at most, its jitter included. None while it is paused. */
  readonly nextRuns: readonly Date[];
  /** The last five at most, oldest first. */
  readonly recentActions: readonly ScheduleAction[];
  /** Absent on a schedule that this library did not make: Temporal's list does not have it. */
  readonly createdAt?: Date;
  /** Id of the fleet that made it; absent when no fleet did. */
  readonly fleet?: string;
}

export interface ScheduleQuery {
  /** 1 to 200. Default 50. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** What an operator looks at across the whole namespace. Each method is one call to the server, whatever the page holds. */
export interface FleetAdmin {
  /**
   * In the server's own order: running ones first where it has its standard store, else newest first.
   *
   * @throws FleetError `invalid_input`.
   */
  executions(query?: ExecutionQuery): Promise<Page<Execution>>;
  /** Newest first. @throws FleetError `invalid_input`. */
  schedules(query?: ScheduleQuery): Promise<Page<ScheduleSummary>>;
}

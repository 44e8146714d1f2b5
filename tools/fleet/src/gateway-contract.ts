// What the gateway's routes answer, as far as the CLI shows it; GET /openapi.json has the whole.

/** Answer to a submission and to a retry. */
export interface Started {
  readonly workflow_id: string;
  readonly run_id: string;
  readonly workflow: string;
  readonly kind: string;
  readonly queue: string;
  readonly location: string;
  readonly warnings?: readonly { readonly code: string; readonly message: string }[];
}

/** Why a job failed. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  readonly retryable?: boolean;
}

/** A job in a list. */
export interface Job {
  readonly workflow_id: string;
  readonly run_id: string;
  readonly workflow: string;
  readonly kind: string;
  readonly queue: string;
  readonly status: string;
  readonly owner?: string;
  readonly started_at: string;
  readonly closed_at?: string | null;
  readonly duration_ms?: number | null;
}

/** A job by itself. */
export interface JobDetails extends Job {
  readonly progress?: unknown;
  readonly attempt?: number;
  readonly result?: unknown;
  readonly failure?: Failure | null;
}

/** How a job ended, or that it has not. */
export interface JobOutcome {
  readonly workflow_id: string;
  readonly status: string;
  readonly result?: unknown;
  readonly failure?: Failure;
}

/** One event of a history. */
export interface HistoryEvent {
  readonly event_id: number;
  readonly type: string;
  readonly timestamp: string;
  readonly name?: string | null;
  readonly attempt?: number | null;
  readonly failure?: string | null;
}

/** One side of a queue: workflow tasks or activities. */
export interface QueueLoad {
  readonly pollers: number;
  readonly backlog: number;
  readonly oldest_age_seconds: number;
  readonly add_rate: number;
  readonly dispatch_rate: number;
  readonly slots_used: number;
  readonly slots_total: number;
}

/** A queue with its rate and load. */
export interface Queue {
  readonly name: string;
  readonly paused: boolean;
  readonly workers: number;
  readonly rate: {
    readonly per_second: number | null;
    readonly set_by: string;
    readonly reason?: string | null;
    readonly updated_at?: string | null;
  };
  readonly workflows: QueueLoad;
  readonly activities: QueueLoad;
}

/** A worker process as the server hears of it. CPU and memory: 0 to 1 of the host. */
export interface Worker {
  readonly identity: string;
  readonly queue: string;
  readonly pid: number;
  readonly status: string;
  readonly started_at: string;
  readonly heartbeat_at: string;
  readonly activity_slots_used: number;
  readonly activity_slots_total: number;
  readonly workflow_slots_used: number;
  readonly workflow_slots_total: number;
  readonly cached_workflows: number;
  readonly host_cpu: number;
  readonly host_memory: number;
  readonly sdk_version: string;
}

/** A model of the catalog, and whether it may answer. */
export interface RouterModel {
  readonly id: string;
  readonly provider_id: string;
  readonly weight: number;
  readonly state: string;
  /** Null: it may answer. */
  readonly skip_reason: string | null;
  readonly disabled: { readonly by: string; readonly reason: string; readonly at: string | null } | null;
  readonly provider_state: string | null;
}

/** An entry of the registry. */
export interface WorkflowEntry {
  readonly name: string;
  readonly kind: string;
  readonly description: string;
  readonly queue: string;
  readonly allowed_queues: readonly string[];
  readonly signals?: readonly string[];
  readonly queries?: readonly string[];
  readonly updates?: readonly string[];
  readonly timeouts?: unknown;
  readonly retry?: unknown;
  readonly input_schema?: unknown;
  readonly example: unknown;
}

/** A run of a workflow, as GET /admin/temporal/workflows shows it. */
export interface Execution {
  readonly workflow_id: string;
  readonly run_id: string;
  readonly workflow_type: string;
  readonly status: string;
  readonly task_queue: string;
  readonly start_time: string;
  readonly close_time: string | null;
  readonly ui_url: string | null;
}

/** A schedule, as GET /admin/temporal/schedules shows it. */
export interface NamespaceSchedule {
  readonly schedule_id: string;
  readonly workflow_type: string;
  readonly spec: {
    readonly cron: readonly string[];
    readonly intervals: readonly { readonly every_seconds: number; readonly offset_seconds: number }[];
    readonly time_zone: string;
    readonly jitter_seconds: number;
  };
  readonly paused: boolean;
  readonly note: string | null;
  readonly next_run: string | null;
  readonly recent_actions: readonly { readonly started_at: string; readonly workflow_id: string }[];
  readonly ui_url: string | null;
}

/** What a person is asked to decide. */
export interface Approval {
  readonly id: string;
  readonly workflow_id: string;
  readonly owner: string;
  readonly type: string;
  readonly action: string;
  readonly summary: string;
  readonly payload: unknown;
  readonly confidence: number | null;
  readonly risk: string | null;
  readonly status: string;
  /** Null while pending. */
  readonly outcome: {
    readonly via: string;
    readonly by: string;
    readonly comment: string | null;
    readonly value: unknown;
    readonly decided_at: string;
  } | null;
  readonly created_at: string;
  readonly expires_at: string;
}

/** A stored artefact. */
export interface Artifact {
  readonly id: string;
  readonly name?: string | null;
  readonly size: number;
  readonly type: string;
  readonly sha256: string;
}

/** application/problem+json. */
export interface Problem {
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly code?: string;
  readonly remedy?: string;
  readonly location?: string;
  readonly errors?: readonly { readonly field: string; readonly rule: string; readonly got?: unknown }[];
}

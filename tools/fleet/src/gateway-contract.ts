/** What the gateway's routes answer, as far as the CLI shows it. GET /openapi.json has the whole. */
export interface Started {
  readonly workflow_id: string;
  readonly run_id: string;
  readonly workflow: string;
  readonly kind: string;
  readonly queue: string;
  readonly location: string;
  readonly warnings?: readonly { readonly code: string; readonly message: string }[];
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  readonly retryable?: boolean;
}

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

export interface JobDetails extends Job {
  readonly progress?: unknown;
  readonly attempt?: number;
  readonly result?: unknown;
  readonly failure?: Failure | null;
}

export interface JobOutcome {
  readonly workflow_id: string;
  readonly status: string;
  readonly result?: unknown;
  readonly failure?: Failure;
}

export interface HistoryEvent {
  readonly event_id: number;
  readonly type: string;
  readonly timestamp: string;
  readonly name?: string | null;
  readonly attempt?: number | null;
  readonly failure?: string | null;
}

export interface QueueLoad {
  readonly pollers: number;
  readonly backlog: number;
  readonly oldest_age_seconds: number;
  readonly add_rate: number;
  readonly dispatch_rate: number;
  readonly slots_used: number;
  readonly slots_total: number;
}

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

export interface WorkflowEntry {
  readonly name: string;
  readonly kind: string;
  readonly description: string;
  readonly queue: string;
  readonly allowed_queues: readonly string[];
  readonly signals?: readonly string[];
  readonly queries?: readonly string[];
  readonly timeouts?: unknown;
  readonly retry?: unknown;
  readonly input_schema?: unknown;
  readonly example: unknown;
}

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

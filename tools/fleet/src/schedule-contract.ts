// What the gateway's routes of schedules answer, as far as the CLI shows it; GET /openapi.json has the whole.

/** A schedule. */
export interface Schedule {
  readonly id: string;
  readonly kind: string;
  readonly owner: string;
  readonly workflow: string;
  readonly input: unknown;
  readonly queue: string;
  readonly cron: string | null;
  readonly run_at: string | null;
  readonly timezone: string;
  readonly jitter_seconds: number;
  readonly catchup_seconds: number;
  readonly paused: boolean;
  readonly note: string | null;
  readonly version: number;
  /** False: Temporal is told later. */
  readonly applied: boolean;
  readonly failure: string | null;
}

/** A schedule by itself. Runs are null while Temporal does not say. */
export interface ScheduleDetails extends Schedule {
  readonly next_runs: readonly string[] | null;
  readonly recent_runs: readonly { readonly workflow_id: string; readonly started_at: string }[] | null;
}

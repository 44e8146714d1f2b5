// What the routes of /v1/monitors answer, as far as the CLI shows it; GET /openapi.json has the whole.

/** Which provider searches, and what it is told. */
export interface MonitorSearch {
  readonly provider: string;
  readonly urls?: readonly string[];
  readonly contains?: string;
  readonly absent?: string;
  readonly model?: string;
}

/** A monitor in a list. */
export interface Monitor {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly query: string;
  readonly condition: string;
  readonly search: MonitorSearch;
  readonly compare: string;
  readonly notify: string;
  readonly email: string | null;
  readonly webhook_url: string | null;
  readonly cron: string | null;
  readonly timezone: string;
  readonly jitter_seconds: number;
  readonly catchup_seconds: number;
  readonly state: string;
  readonly version: number;
  readonly last_condition_met: boolean | null;
  readonly failures: number;
  readonly failure_class: string | null;
}

/** A monitor by itself. */
export interface MonitorDetails extends Monitor {
  readonly schedule: { readonly applied: boolean; readonly next_run: string | null };
  /** Only in the answer to the request that made it. */
  readonly webhook_secret?: string;
}

/** A run of a monitor that was asked for. */
export interface AskedRun {
  readonly execution_id: string;
  readonly workflow_id: string;
  readonly location: string;
}

/** A run of a monitor. */
export interface MonitorExecution {
  readonly id: string;
  readonly trigger: string;
  readonly status: string;
  readonly summary: string | null;
  readonly condition_met: boolean | null;
  readonly changed: boolean | null;
  readonly comparison: string | null;
  readonly notify: boolean | null;
  readonly reason: string | null;
  readonly next_run: string | null;
  readonly failure: { readonly class: string; readonly code: string; readonly message: string } | null;
  readonly created_at: string;
  readonly closed_at: string | null;
}

/** What a monitor would see now. */
export interface MonitorPreview {
  readonly summary: string;
  readonly condition_met: boolean;
  readonly state: string;
  readonly next_run?: string | null;
}

/** Whom a run told. */
export interface Notice {
  readonly id: string;
  readonly execution_id: string;
  readonly channel: string;
  readonly address: string;
  readonly status: string;
  readonly attempts: number;
  readonly reason: string | null;
  readonly created_at: string;
}

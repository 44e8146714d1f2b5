export interface ReconcileInput {
  /** True: nothing is changed, only said. Default false. */
  readonly dryRun?: boolean | undefined;
  /** Minutes after which a run of a monitor that is still open counts as abandoned, 30 to 1,440. Default 30. */
  readonly openMinutes?: number | undefined;
}

/** What was found, and mended unless it was a dry run. Lists name 100 at most; numbers count all. */
export interface ReconcileOutput {
  readonly dryRun: boolean;
  readonly schedules: {
    /** Rows that Temporal had not been told of yet. A dry run leaves them to the gateways. */
    readonly applied: number;
    /** On Temporal, made by a fleet of this namespace, and in no row: deleted there. */
    readonly orphans: Finding;
    /** In a row, and gone from Temporal: written again. */
    readonly missing: Finding;
    /** Of monitors that are gone or completed: deleted. */
    readonly withoutMonitor: Finding;
    /** Of monitors without a cron whose next run never came: due now. */
    readonly stalled: Finding;
  };
  readonly monitors: {
    /** Given their schedule. */
    readonly withoutSchedule: Finding;
  };
  readonly notices: {
    /** Of runs that were to tell people and did not get to it, and those that nobody delivers: on their way now. */
    readonly unsent: Finding;
  };
  readonly executions: {
    /** Open for too long: closed as failed. */
    readonly abandoned: Finding;
  };
}

/** Things of one kind. */
export interface Finding {
  readonly count: number;
  /** The first 100. */
  readonly ids: readonly string[];
}

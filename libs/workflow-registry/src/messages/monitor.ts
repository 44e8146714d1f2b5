/** Input of the workflow `monitor`: one run of a monitor. */
export interface MonitorRunInput {
  readonly monitorId: string;
  /** The execution that was opened when somebody asked for this run. Absent: a schedule started it. */
  readonly executionId?: string | undefined;
}

/** How what was found was compared with what was known: the first run has nothing to compare with. */
export type MonitorComparison = 'baseline' | 'hash' | 'meaning';

/** What a run saw, and why it did or did not tell anybody. */
export interface MonitorRunOutput {
  readonly monitorId: string;
  /** Absent: the run was skipped. */
  readonly executionId?: string | undefined;
  /** `skipped`: another run of the monitor is open, or it is gone, paused or completed. */
  readonly status: 'success' | 'skipped';
  /** One line of what was seen. */
  readonly summary?: string | undefined;
  readonly stateHash?: string | undefined;
  readonly conditionMet?: boolean | undefined;
  readonly changed?: boolean | undefined;
  readonly comparison?: MonitorComparison | undefined;
  /** Channels that a notice was made for. */
  readonly notified: readonly NoticeChannel[];
  /** Why it did or did not notify, or why it was skipped. */
  readonly reason: string;
  /** Epoch milliseconds of the next run when the result named one; null: the monitor is completed. */
  readonly nextRunAt?: number | null | undefined;
}

/** How people are told. */
export type NoticeChannel = 'email' | 'webhook';

/** Input of the workflow `deliverNotice`. */
export interface DeliverNoticeInput {
  readonly noticeId: string;
}

/** How a notice ended. */
export interface DeliverNoticeOutput {
  /** `gone`: its monitor was deleted meanwhile. */
  readonly status: 'delivered' | 'failed' | 'gone';
  readonly attempts: number;
  readonly reason?: string | undefined;
}

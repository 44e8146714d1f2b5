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

/** Which provider searches, and what it is told. The same shape as the store's: neither may import the other. */
export type MonitorSearchInput =
  | {
      readonly provider: 'http';
      /** Pages that are read, 1 to 5. */
      readonly urls: readonly string[];
      /** Text that must be on a page for the condition to be met. Default: nothing. */
      readonly contains?: string | undefined;
      /** Text that must be on no page for the condition to be met. Default: nothing. */
      readonly absent?: string | undefined;
    }
  | {
      readonly provider: 'llm';
      /** Pages that the model is given to ground its answer in, 0 to 5. */
      readonly urls?: readonly string[] | undefined;
      /** A model or alias of the catalogue. Default: one is chosen. */
      readonly model?: string | undefined;
    };

/** Input of the job `previewMonitor`: what a monitor would search. */
export interface PreviewMonitorInput {
  readonly query: string;
  readonly condition: string;
  readonly search: MonitorSearchInput;
}

/** What a monitor would see now. Nothing of it is kept. */
export interface PreviewMonitorOutput {
  readonly summary: string;
  readonly conditionMet: boolean;
  /** 16 hex digits. */
  readonly stateHash: string;
  /** What was seen, as JSON; 20,000 characters at most. */
  readonly state: string;
  /** Epoch milliseconds of the next run when the result named one; null: it said that none is to follow. */
  readonly nextRunAt?: number | null | undefined;
}

export interface PruneRecordsInput {
  /** Lines of the log of chats, with their rewards, runs of monitors and notices older than this many days go. 1 to 3,650. Default 90. */
  readonly logDays?: number | undefined;
  /** Points of the time series older than this many days go. 1 to 3,650. Default 7. */
  readonly pointDays?: number | undefined;
  /** Events older than this many days go. 1 to 3,650. Default 7. */
  readonly eventDays?: number | undefined;
  /** Workflows that ran outside of Temporal and ended more than this many days ago go, with their journals. 1 to 3,650. Default 7. */
  readonly journalDays?: number | undefined;
}

/** How many rows went, by what they were. */
export interface PruneRecordsOutput {
  readonly chatLog: number;
  readonly points: number;
  readonly events: number;
  /** Claims of providers' calls, with their outcomes: older than a day. */
  readonly providerCalls: number;
  /** Those that had expired. */
  readonly idempotencyKeys: number;
  /** Runs of workflows outside of Temporal. */
  readonly journals: number;
  /** Runs of monitors, older than the log of chats is kept. */
  readonly executions: number;
  /** Notices of monitors, older than the log of chats is kept; those of deleted monitors after two days. */
  readonly notices: number;
}

export interface ProbeInput {
  /** How long the activity works, milliseconds, 0 to 600,000. Default 0. */
  readonly durationMs?: number | undefined;
}

/** When and where one probe ran: enough to prove a queue's slots and rate from outside. */
export interface ProbeOutput {
  /** Epoch milliseconds by the worker's clock. */
  readonly startedAt: number;
  /** Epoch milliseconds by the worker's clock. */
  readonly finishedAt: number;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Process id of the worker. */
  readonly pid: number;
}

export interface ProbeStepsInput extends ProbeInput {
  /** Probe activities run one after the other, 0 to 100. Default 3. */
  readonly steps?: number | undefined;
}

export interface ProbeStepsOutput {
  readonly probes: readonly ProbeOutput[];
}

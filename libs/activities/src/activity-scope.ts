/**
 * What an activity knows of the attempt it runs in. An interceptor builds it on Temporal and the local executor builds it
 * in process, so one activity serves both; no activity reads an ambient context.
 */
export interface ActivityScope {
  /** Aborted when the job is cancelled or the worker shuts down. An activity stops promptly and throws its `reason`. */
  readonly signal: AbortSignal;
  /** Says how far the activity is. It beats by itself; call this only with new details. */
  readonly heartbeat: (details?: unknown) => void;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The same in every attempt of one activity, different for every other: effects are stored under it once. */
  readonly idempotencyKey: string;
  readonly jobId: string;
  /** The principal the job runs for. What it stores belongs to it, and it reads nobody else's artefacts. */
  readonly owner: string;
  /** Details of the previous attempt's last heartbeat; undefined in the first attempt. */
  readonly lastHeartbeat: unknown;
}

/** An activity as it is written: the scope comes second. */
export type Activity<Input, Output> = (input: Input, scope: ActivityScope) => Promise<Output>;

/** Activities as workflow code sees them, the scope taken off: `proxyActivities<Proxied<Activities>>(...)`. */
export type Proxied<A> = {
  [K in keyof A]: A[K] extends (input: infer Input, scope: ActivityScope) => Promise<infer Output>
    ? (input: Input) => Promise<Output>
    : never;
};

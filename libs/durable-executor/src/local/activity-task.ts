import type { ActivityScope } from '@fleet/activities';
import { FleetError } from '@fleet/errors';
import type { Clock } from '../clock';
import type { ResolvedActivityOptions } from '../context/activity-options';
import { failureOf, type Failure } from '../context/failure';
import { fromJson, toJson } from '../context/json';
import { retryDelay } from '../context/retry-policy';
import type { ActivityEvent } from '../hooks';

/** An activity as it is written, its types forgotten. */
export type AnyActivity = (input: never, scope: ActivityScope) => Promise<unknown>;

/** What one activity of a run is to do, and whom it tells. */
export interface ActivityOrder {
  readonly name: string;
  readonly input: unknown;
  readonly options: ResolvedActivityOptions;
  readonly idempotencyKey: string;
  readonly jobId: string;
  readonly owner: string;
  /** 1, or where it stood before a restart. */
  readonly attempt: number;
  /** Epoch milliseconds before which it must not start; 0 = at once. */
  readonly notBefore: number;
  readonly lastHeartbeat: unknown;
}

/** Told about the attempts. */
export interface ActivityListener {
  /** Resolves when an attempt may start: this host still owns the run. Rejects when it does not. */
  allowed(): Promise<void>;
  started(event: Pick<ActivityEvent, 'attempt'>): void;
  retrying(attempt: number, failure: Failure, delayMs: number, heartbeat: unknown): void;
  /** @param result JSON. */
  completed(result: string | undefined, attempt: number): void;
  failed(failure: Failure, attempt: number): void;
}

/** Runs one activity to its end: its attempts, each with its own time, and the waits between them. */
export class ActivityTask {
  private readonly abort = new AbortController();
  private cancelWait: (() => void) | undefined;
  private lastHeartbeat: unknown;

  constructor(
    private readonly order: ActivityOrder,
    private readonly run: AnyActivity,
    private readonly clock: Clock,
    private readonly listener: ActivityListener,
  ) {
    this.lastHeartbeat = order.lastHeartbeat;
  }

  start(): void {
    this.after(this.order.notBefore - this.clock.now(), this.order.attempt);
  }

  /** Aborts the running attempt; nothing is told any more. */
  cancel(reason: unknown): void {
    this.cancelWait?.();
    this.abort.abort(reason);
  }

  private after(ms: number, attempt: number): void {
    const go = (): void => void this.attempt(attempt);
    if (ms <= 0) go();
    else this.cancelWait = this.clock.schedule(ms, go);
  }

  private async attempt(attempt: number): Promise<void> {
    const { options } = this.order;
    try {
      await this.listener.allowed();
    } catch {
      return; // Another host goes on with this run.
    }
    if (this.abort.signal.aborted) return;
    this.listener.started({ attempt });
    try {
      const result = await this.withinTime(attempt);
      if (!this.abort.signal.aborted) this.listener.completed(result, attempt);
    } catch (error) {
      if (this.abort.signal.aborted) return;
      const failure = failureOf(error);
      if (attempt >= options.retry.maximumAttempts || !mayRetry(failure, options.retry.nonRetryable))
        return this.listener.failed(failure, attempt);
      const delayMs = retryDelay(options.retry, attempt);
      this.listener.retrying(attempt, failure, delayMs, this.lastHeartbeat);
      this.after(delayMs, attempt + 1);
    }
  }

  /** One attempt. An activity that does not listen to its signal goes on unheard; its time is over all the same. */
  private async withinTime(attempt: number): Promise<string | undefined> {
    const { options, name } = this.order;
    const own = new AbortController();
    const onAbort = (): void => own.abort(this.abort.signal.reason);
    this.abort.signal.addEventListener('abort', onAbort, { once: true });
    let stopClock: (() => void) | undefined;
    const late = new Promise<never>((_, reject) => {
      stopClock = this.clock.schedule(options.startToCloseMs, () => {
        const details = { activity: name, limitMs: options.startToCloseMs, kind: 'start-to-close' };
        const error = new FleetError('activity_timed_out', details);
        own.abort(error);
        reject(error);
      });
    });
    try {
      const result = await Promise.race([this.run(this.order.input as never, this.scope(own.signal, attempt)), late]);
      return toJson(result, `output of ${name}`);
    } finally {
      stopClock?.();
      this.abort.signal.removeEventListener('abort', onAbort);
    }
  }

  private scope(signal: AbortSignal, attempt: number): ActivityScope {
    const { idempotencyKey, jobId, owner } = this.order;
    const lastHeartbeat = this.lastHeartbeat;
    // Refused here, in the activity: later it could only be refused where nobody hears of it.
    const heartbeat = (details?: unknown): void =>
      void (this.lastHeartbeat = fromJson(toJson(details, `heartbeat of ${this.order.name}`)));
    return { signal, heartbeat, attempt, idempotencyKey, jobId, owner, lastHeartbeat };
  }
}

function mayRetry(failure: Failure, nonRetryable: readonly string[]): boolean {
  return failure.retryable && !nonRetryable.includes(failure.type);
}

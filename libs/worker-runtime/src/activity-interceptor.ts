import type { ActivityScope } from '@fleet/activities';
import { errorText, isFleetError, isPermanent } from '@fleet/errors';
import { ownerFromHeaders } from '@fleet/temporal-client/owner-header';
import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInterceptorsFactory } from '@temporalio/worker';
import type { ActivityMetrics } from './activity-metrics';

/** Beats per heartbeat time-out: two may be lost before the server gives the task away. */
const BEATS_PER_TIMEOUT = 3;

/**
 * Wraps every activity of the fleet: hands it an {@link ActivityScope} after its input, beats for it while it runs, counts
 * and times it, and turns an error of the table into a failure whose type is its code.
 */
export function activityInterceptors(metrics: ActivityMetrics): ActivityInterceptorsFactory {
  return (context) => ({
    inbound: {
      async execute(input, next) {
        const beat = new Heartbeat(context);
        const scope = scopeOf(context, input, beat);
        const finished = metrics.start(context.info.activityType);
        try {
          const result = await next({ ...input, args: [...input.args, scope] });
          finished('completed');
          return result;
        } catch (error) {
          finished(error instanceof CancelledFailure ? 'canceled' : 'failed');
          throw failureOf(error);
        } finally {
          beat.stop();
        }
      },
    },
  });
}

/** Beats by itself and repeats the last details, so that a beat never erases the progress an activity reported. */
class Heartbeat {
  private details: unknown;
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(private readonly context: Context) {
    this.details = context.info.heartbeatDetails;
    const { heartbeatTimeoutMs } = context.info;
    if (heartbeatTimeoutMs) this.timer = setInterval(() => this.send(), heartbeatTimeoutMs / BEATS_PER_TIMEOUT);
  }

  report(details: unknown): void {
    this.details = details;
    this.send();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private send(): void {
    this.context.heartbeat(this.details);
  }
}

function scopeOf(context: Context, input: ActivityExecuteInput, beat: Heartbeat): ActivityScope {
  const { info } = context;
  const execution = info.workflowExecution;
  return {
    signal: context.cancellationSignal,
    heartbeat: (details) => beat.report(details),
    attempt: info.attempt,
    // The run is part of it: a retried job is new work, a retried attempt is not.
    idempotencyKey: `${execution?.workflowId ?? info.activityId}/${execution?.runId ?? info.activityRunId ?? ''}/${info.activityId}`,
    jobId: execution?.workflowId ?? info.activityId,
    owner: ownerFromHeaders(input.headers),
    lastHeartbeat: info.heartbeatDetails,
  };
}

function failureOf(error: unknown): unknown {
  if (!isFleetError(error)) return error;
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    nonRetryable: isPermanent(error.code),
    details: [{ remedy: error.remedy, fields: error.fields }],
    ...(error.cause === undefined
      ? {}
      : { cause: error.cause instanceof Error ? error.cause : new Error(errorText(error.cause)) }),
  });
}

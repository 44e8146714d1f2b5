import { failureFrom, firstValue, toDateOrEpoch, toNumber, type Server } from '@fleet/temporal-client/server';
import type { temporal } from '@temporalio/proto';
import type { Failure } from '../context';
import type { HistoryEvent, HistoryEventType } from '../executor';

/** An event of the server's. */
export type RawEvent = temporal.api.history.v1.IHistoryEvent;

/** One page of a run's events; with `wait` the server holds the call until there is a new one, for about 20 s. */
export async function fetchEvents(
  server: Server,
  run: { readonly id: string; readonly runId: string },
  token: Uint8Array | undefined,
  wait: boolean,
): Promise<{ readonly events: readonly RawEvent[]; readonly token: Uint8Array | undefined }> {
  const answer = await server.connection.workflowService.getWorkflowExecutionHistory({
    namespace: server.namespace,
    execution: { workflowId: run.id, runId: run.runId },
    waitNewEvent: wait,
    skipArchival: true,
    ...(token && { nextPageToken: token }),
  });
  const next = answer.nextPageToken;
  return { events: answer.history?.events ?? [], token: next && next.length > 0 ? next : undefined };
}

/** All events of a run. */
export async function allEvents(
  server: Server,
  run: { readonly id: string; readonly runId: string },
): Promise<RawEvent[]> {
  const events: RawEvent[] = [];
  let token: Uint8Array | undefined;
  do {
    const page = await server.bounded(() => fetchEvents(server, run, token, false));
    events.push(...page.events);
    ({ token } = page);
  } while (token);
  return events;
}

/** The input that a run was started with. */
export function inputOf(events: readonly RawEvent[]): unknown {
  return firstValue(events[0]?.workflowExecutionStartedEventAttributes?.input);
}

type Parts = { readonly type: HistoryEventType } & Partial<Omit<HistoryEvent, 'type' | 'number' | 'at'>>;

/** Turns a run's events, given in their order, into the nine types that every executor has. */
export class EventReader {
  private count = 0;
  private workflow = '';
  /** Name and attempt of activities by the number of the event that scheduled them. */
  private readonly activities = new Map<string, { name: string; attempt: number; lastFailure?: Failure }>();

  /** Undefined for what is not one of the nine. */
  read(event: RawEvent): HistoryEvent | undefined {
    const parts = this.started(event) ?? this.activity(event) ?? this.ended(event);
    if (!parts) return undefined;
    this.count += 1;
    const { name, ...rest } = parts;
    return { number: this.count, at: toDateOrEpoch(event.eventTime), ...rest, ...(name ? { name } : {}) };
  }

  /** The activity that an attempt of begins at this event. */
  attempt(event: RawEvent): { name: string; attempt: number; lastFailure?: Failure } | undefined {
    const started = event.activityTaskStartedEventAttributes;
    return started ? this.activities.get(keyOf(started.scheduledEventId)) : undefined;
  }

  private started(event: RawEvent): Parts | undefined {
    const started = event.workflowExecutionStartedEventAttributes;
    if (started) {
      this.workflow = started.workflowType?.name ?? '';
      return { type: 'workflow_started', name: this.workflow };
    }
    const signal = event.workflowExecutionSignaledEventAttributes;
    if (signal) return { type: 'signal_received', name: signal.signalName ?? '' };
    return event.timerFiredEventAttributes ? { type: 'timer_fired' } : undefined;
  }

  private activity(event: RawEvent): Parts | undefined {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const name = scheduled.activityType?.name ?? '';
      this.activities.set(keyOf(event.eventId), { name, attempt: 0 });
      return { type: 'activity_started', name };
    }
    const begun = event.activityTaskStartedEventAttributes;
    if (begun) {
      const known = this.activities.get(keyOf(begun.scheduledEventId));
      if (known) known.attempt = begun.attempt ?? 1;
      if (known && begun.lastFailure) known.lastFailure = failureOf(begun.lastFailure);
      return undefined;
    }
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed) return { type: 'activity_completed', ...this.of(completed.scheduledEventId) };
    const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
    if (!failed) return undefined;
    return { type: 'activity_failed', ...this.of(failed.scheduledEventId), failure: failureOf(failed.failure ?? {}) };
  }

  private of(scheduledEventId: Parameters<typeof toNumber>[0]): { name: string; attempt: number } {
    const { name, attempt } = this.activities.get(keyOf(scheduledEventId)) ?? { name: '', attempt: 1 };
    return { name, attempt };
  }

  private ended(event: RawEvent): Parts | undefined {
    const name = this.workflow;
    if (event.workflowExecutionCompletedEventAttributes) return { type: 'workflow_completed', name };
    const continued = event.workflowExecutionContinuedAsNewEventAttributes;
    if (continued) return { type: 'workflow_completed', name, continuedAs: continued.newExecutionRunId ?? '' };
    const failed = event.workflowExecutionFailedEventAttributes;
    if (failed) return { type: 'workflow_failed', name, failure: failureOf(failed.failure ?? {}) };
    if (event.workflowExecutionTimedOutEventAttributes)
      return { type: 'workflow_failed', name, failure: ended('timed_out', '') };
    const terminated = event.workflowExecutionTerminatedEventAttributes;
    if (terminated) return { type: 'workflow_failed', name, failure: ended('terminated', terminated.reason ?? '') };
    if (!event.workflowExecutionCanceledEventAttributes) return undefined;
    return { type: 'workflow_canceled', name, failure: ended('canceled', '') };
  }
}

/** The failure that stands for an end without one. */
export function ended(status: 'canceled' | 'terminated' | 'timed_out', reason: string): Failure {
  return {
    type: `workflow_${status}`,
    message: reason || `the workflow was ${status.replace('_', ' ')}`,
    retryable: false,
  };
}

function failureOf(raw: Parameters<typeof failureFrom>[0]): Failure {
  const { code, message, retryable } = failureFrom(raw);
  return { type: code === 'TimeoutFailure' ? 'activity_timed_out' : code, message, retryable };
}

function keyOf(eventId: Parameters<typeof toNumber>[0]): string {
  return String(toNumber(eventId));
}

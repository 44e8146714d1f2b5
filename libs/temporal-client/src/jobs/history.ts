import { temporal } from '@temporalio/proto';
import { toDateOrEpoch, toNumber, toText } from '../convert';
import { decodeToken, encodeToken, fromCursor, pageSize, toCursor } from '../cursor';
import type { HistoryEvent, Page } from '../fleet-client';
import { withPageToken } from '../page-token';
import type { Server } from '../server';
import { activityHistory } from './activity-history';
import { failureFrom } from './failure';
import { locate } from './locate';

type RawEvent = temporal.api.history.v1.IHistoryEvent;
type RawFailure = temporal.api.failure.v1.IFailure | null | undefined;

/** What later events need of an activity: they name it only by the number of the event that scheduled it. */
interface Scheduled {
  readonly name: string;
  readonly attempt?: number;
}

interface Position {
  readonly runId: string;
  readonly token: string;
  /** Activities scheduled and not yet ended, by event id. */
  readonly open: Readonly<Record<string, Scheduled>>;
}

const DEFAULT_LIMIT = 100;
const GREATEST_LIMIT = 1000;

/** The events of a run, oldest first. A page may have a few more than `limit`: the server never splits a batch. */
export async function history(
  server: Server,
  id: string,
  options: { readonly limit?: number; readonly cursor?: string } = {},
): Promise<Page<HistoryEvent>> {
  const size = pageSize(options.limit, DEFAULT_LIMIT, GREATEST_LIMIT);
  const at = fromCursor(id, options.cursor, isPosition);
  return server.bounded(async () => {
    // The cursor names the run, so that a retry between two pages does not mix two histories.
    const found = await locate(server, id, at?.runId);
    if (found.kind === 'job') return { items: activityHistory(found) };
    const { namespace, connection } = server;
    const execution = { workflowId: id, runId: found.runId };
    const answer = await withPageToken(options.cursor, at && decodeToken(at.token), (nextPageToken) =>
      connection.workflowService.getWorkflowExecutionHistory({
        namespace,
        execution,
        maximumPageSize: size,
        nextPageToken,
      }),
    );
    const open = new Map(Object.entries(at?.open ?? {}));
    const items = (answer.history?.events ?? []).map((event) => toHistoryEvent(event, open));
    const token = encodeToken(answer.nextPageToken);
    if (token === null) return { items };
    return {
      items,
      nextCursor: toCursor(id, { runId: found.runId, token, open: Object.fromEntries(open) } satisfies Position),
    };
  });
}

function toHistoryEvent(event: RawEvent, open: Map<string, Scheduled>): HistoryEvent {
  const about = aboutActivity(event, open) ?? aboutOther(event);
  return {
    eventId: toNumber(event.eventId),
    type: typeName(event.eventType ?? 0),
    timestamp: toDateOrEpoch(event.eventTime),
    ...Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined)),
  };
}

type About = { readonly [Key in 'name' | 'attempt' | 'failure']?: HistoryEvent[Key] | undefined };

function aboutActivity(event: RawEvent, open: Map<string, Scheduled>): About | undefined {
  const scheduled = event.activityTaskScheduledEventAttributes;
  if (scheduled) {
    const name = scheduled.activityType?.name ?? '';
    open.set(String(toNumber(event.eventId)), { name });
    return { name };
  }
  const started = event.activityTaskStartedEventAttributes;
  if (started) {
    const key = String(toNumber(started.scheduledEventId));
    const about = { name: open.get(key)?.name ?? '', attempt: started.attempt ?? 1 };
    open.set(key, about);
    return { ...about, failure: failureText(started.lastFailure) };
  }
  const ended =
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes;
  if (!ended) return undefined;
  const key = String(toNumber(ended.scheduledEventId));
  const about = open.get(key) ?? { name: '' };
  open.delete(key);
  return { ...about, failure: 'failure' in ended ? failureText(ended.failure) : undefined };
}

function aboutOther(event: RawEvent): About {
  const child =
    event.startChildWorkflowExecutionInitiatedEventAttributes ??
    event.childWorkflowExecutionStartedEventAttributes ??
    event.childWorkflowExecutionCompletedEventAttributes ??
    event.childWorkflowExecutionFailedEventAttributes ??
    event.childWorkflowExecutionCanceledEventAttributes ??
    event.childWorkflowExecutionTimedOutEventAttributes ??
    event.childWorkflowExecutionTerminatedEventAttributes;
  const timer =
    event.timerStartedEventAttributes ?? event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes;
  const name =
    child?.workflowType?.name ??
    timer?.timerId ??
    event.workflowExecutionSignaledEventAttributes?.signalName ??
    event.workflowExecutionStartedEventAttributes?.workflowType?.name;
  const failure =
    event.workflowExecutionFailedEventAttributes?.failure ??
    event.childWorkflowExecutionFailedEventAttributes?.failure ??
    event.workflowTaskFailedEventAttributes?.failure;
  return {
    name: toText(name),
    failure: failureText(failure) ?? toText(event.workflowExecutionTerminatedEventAttributes?.reason),
  };
}

function failureText(failure: RawFailure): string | undefined {
  if (!failure) return undefined;
  const { code, message } = failureFrom(failure);
  return `${code}: ${message}`;
}

/** `EVENT_TYPE_ACTIVITY_TASK_SCHEDULED` is `ActivityTaskScheduled` in Temporal's own tools. */
function typeName(eventType: number): string {
  const words = (temporal.api.enums.v1.EventType[eventType] ?? 'UNKNOWN').replace('EVENT_TYPE_', '').split('_');
  return words.map((word) => word.charAt(0) + word.slice(1).toLowerCase()).join('');
}

function isPosition(value: unknown): value is Position {
  if (typeof value !== 'object' || value === null) return false;
  const hasRun = 'runId' in value && typeof value.runId === 'string';
  return hasRun && 'token' in value && typeof value.token === 'string' && 'open' in value;
}

import { toDate } from '../convert';
import type { HistoryEvent } from '../fleet-client';
import { failureFrom } from './failure';
import type { Located } from './locate';
import { activityOutcome } from './outcome';
import { isClosed } from './status';

const CLOSING_TYPE: Readonly<Record<string, string>> = {
  completed: 'ActivityTaskCompleted',
  failed: 'ActivityTaskFailed',
  timed_out: 'ActivityTaskTimedOut',
  canceled: 'ActivityTaskCanceled',
  terminated: 'ActivityTaskTerminated',
};

/** The server keeps no history of a standalone activity; this is what its description tells of one. */
export function activityHistory({ activity, status, ...summary }: Located): HistoryEvent[] {
  const info = activity?.info;
  const name = summary.workflow;
  const attempt = info?.attempt ?? 1;
  const events: Omit<HistoryEvent, 'eventId'>[] = [
    { type: 'ActivityTaskScheduled', timestamp: summary.startedAt, name },
  ];
  const startedAt = toDate(info?.lastStartedTime);
  const last = info?.lastFailure ? failureFrom(info.lastFailure) : undefined;
  if (startedAt) {
    const failure = attempt > 1 && last ? { failure: `${last.code}: ${last.message}` } : {};
    events.push({ type: 'ActivityTaskStarted', timestamp: startedAt, name, attempt, ...failure });
  }
  if (isClosed(status)) {
    const failed = activityOutcome(activity?.outcome)?.failure;
    const failure = failed && { failure: `${failed.code}: ${failed.message}` };
    const timestamp = summary.closedAt ?? summary.startedAt;
    events.push({ type: CLOSING_TYPE[status] ?? 'ActivityTaskClosed', timestamp, name, attempt, ...failure });
  }
  return events.map((event, index) => ({ eventId: index + 1, ...event }));
}

import type { temporal } from '@temporalio/proto';
import { toDate, toDateOrEpoch, toSeconds, toText } from '../convert';
import { decodeToken, encodeToken, fromCursor, pageSize, toCursor } from '../cursor';
import type { Page } from '../fleet-client';
import { withPageToken } from '../page-token';
import { fleetIn } from '../schedules/options';
import type { Server } from '../server';
import { cronOf } from './calendar';
import { createdAtIn } from './created-at';
import type { ScheduleAction, ScheduleQuery, ScheduleSummary, ScheduleTimes } from './fleet-admin';

type RawEntry = temporal.api.schedule.v1.IScheduleListEntry;
type RawSpec = temporal.api.schedule.v1.IScheduleSpec;
type RawAction = temporal.api.schedule.v1.IScheduleActionResult;

const DEFAULT_LIMIT = 50;
const GREATEST_LIMIT = 200;
/** What its cursors are made for; there is no filter. */
const LIST = 'schedules';

/** All schedules of the namespace, one call a page: the list has all that is shown, so none is described. */
export async function schedules(server: Server, query: ScheduleQuery = {}): Promise<Page<ScheduleSummary>> {
  const limit = pageSize(query.limit, DEFAULT_LIMIT, GREATEST_LIMIT);
  const at = fromCursor(LIST, query.cursor, isToken);
  const { workflowService } = server.connection;
  const answer = await server.bounded(() =>
    withPageToken(query.cursor, decodeToken(at ?? null), (nextPageToken) =>
      workflowService.listSchedules({ namespace: server.namespace, maximumPageSize: limit, nextPageToken }),
    ),
  );
  const token = encodeToken(answer.nextPageToken);
  return {
    items: (answer.schedules ?? []).map(toSummary),
    ...(token !== null && { nextCursor: toCursor(LIST, token) }),
  };
}

function toSummary({ scheduleId, memo, info }: RawEntry): ScheduleSummary {
  const paused = info?.paused ?? false;
  const note = toText(info?.notes);
  const createdAt = createdAtIn(memo);
  const fleet = fleetIn(memo);
  return {
    id: scheduleId ?? '',
    workflowType: info?.workflowType?.name ?? '',
    times: toTimes(info?.spec ?? {}),
    paused,
    ...(note && { note }),
    // The server names times of a paused schedule too, at which nothing will run.
    nextRuns: paused ? [] : (info?.futureActionTimes ?? []).map(toDateOrEpoch),
    recentActions: (info?.recentActions ?? []).map(toAction),
    ...(createdAt && { createdAt }),
    ...(fleet !== undefined && { fleet }),
  };
}

function toTimes(spec: RawSpec): ScheduleTimes {
  const startsAt = toDate(spec.startTime);
  const endsAt = toDate(spec.endTime);
  return {
    cron: (spec.structuredCalendar ?? []).map(cronOf),
    intervals: (spec.interval ?? []).map(({ interval, phase }) => ({
      everySeconds: toSeconds(interval),
      offsetSeconds: toSeconds(phase),
    })),
    except: (spec.excludeStructuredCalendar ?? []).map(cronOf),
    timeZone: spec.timezoneName || 'UTC',
    jitterSeconds: toSeconds(spec.jitter),
    ...(startsAt && { startsAt }),
    ...(endsAt && { endsAt }),
  };
}

function toAction({ scheduleTime, actualTime, startWorkflowResult: run }: RawAction): ScheduleAction {
  return {
    scheduledFor: toDateOrEpoch(scheduleTime),
    startedAt: toDateOrEpoch(actualTime),
    id: run?.workflowId ?? '',
    runId: run?.runId ?? '',
  };
}

function isToken(value: unknown): value is string {
  return typeof value === 'string';
}

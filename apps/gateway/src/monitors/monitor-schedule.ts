import { monitorScheduleId } from '@fleet/store';
import { bring, liveOf, type Desk } from '../schedules/desk';
import type { ScheduleState } from '../schemas/monitor';

/** Has Temporal take over what a change wrote. False when it does not: the change is kept, and applied later. */
export async function applied(desk: Desk, monitorId: string): Promise<boolean> {
  return (await bring(desk, monitorScheduleId(monitorId))).applied;
}

/** How far the schedule of a monitor is, with its next run as far as Temporal says so in time. */
export async function shownSchedule(desk: Desk, monitorId: string, isApplied: boolean): Promise<ScheduleState> {
  const schedule = isApplied ? await liveOf(desk, monitorScheduleId(monitorId)) : undefined;
  return { applied: isApplied, nextRun: (schedule?.paused ? undefined : schedule?.nextRuns[0]) ?? null };
}

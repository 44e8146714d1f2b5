import { applySchedule } from '@fleet/activities/schedules';
import { isFleetError } from '@fleet/errors';
import { monitorScheduleId } from '@fleet/store';
import { within } from '../cached';
import type { ScheduleState } from '../schemas/monitor';
import type { Services } from '../services';

/** Milliseconds that a reader waits for Temporal to say when the next run is. */
const NEXT_RUN_MS = 1000;

/**
 * Has Temporal take over what a change wrote. False when it does not answer: the change is kept, and applied later.
 */
export async function applied(
  { store, client }: Pick<Services, 'store' | 'client'>,
  monitorId: string,
): Promise<boolean> {
  try {
    return (await applySchedule({ store, client }, monitorScheduleId(monitorId))).applied;
  } catch (error) {
    // The change is in Postgres, which went away since then: no reason to tell the caller that it was not made.
    if (isFleetError(error)) return false;
    throw error;
  }
}

/** How far the schedule of a monitor is, with its next run as far as Temporal says so in time. */
export async function shownSchedule(
  { client }: Pick<Services, 'client'>,
  monitorId: string,
  isApplied: boolean,
): Promise<ScheduleState> {
  if (!isApplied) return { applied: false, nextRun: null };
  const described = client.describeSchedule(monitorScheduleId(monitorId)).catch((error: unknown) => {
    if (isFleetError(error)) return undefined;
    throw error;
  });
  const schedule = await within(NEXT_RUN_MS, described).catch(() => undefined);
  return { applied: true, nextRun: (schedule?.paused ? undefined : schedule?.nextRuns[0]) ?? null };
}

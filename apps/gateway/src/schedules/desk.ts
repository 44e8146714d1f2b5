import { setTimeout as sleep } from 'node:timers/promises';
import { applySchedule, type Applied } from '@fleet/activities/schedules';
import { FleetError, isFleetError } from '@fleet/errors';
import type { ScheduleRow } from '@fleet/store';
import type { ScheduleDescription } from '@fleet/temporal-client';
import { within } from '../cached';
import type { Services } from '../services';
import { sharedLook } from './shared-look';

/** What schedules are changed with. */
export type Desk = Pick<Services, 'client' | 'store'>;

/** Milliseconds to wait for another who writes the schedule at this moment. */
const WAIT_MS = 1500;
/** Milliseconds for all of it, so that an answer leaves within 5 s. */
const APPLY_MS = 3500;
/** Milliseconds for what Temporal says beside the row. */
const LIVE_MS = 1500;
/** One for all routes that look with the same client. */
const LOOKS = new WeakMap<Desk['client'], (id: string) => Promise<ScheduleDescription>>();

/**
 * Brings the row to Temporal. It is written down by now: what goes wrong is no failure of the request.
 *
 * @returns whether Temporal has it.
 */
export async function bring({ client, store }: Desk, id: string): Promise<Applied> {
  const late = sleep(APPLY_MS, { applied: false } as const, { ref: false });
  try {
    return await Promise.race([applySchedule({ client, store }, id, { waitMs: WAIT_MS }), late]);
  } catch (error) {
    if (isFleetError(error)) return { applied: false, reason: error };
    throw error;
  }
}

/** What Temporal says of a schedule; undefined when it says nothing in time. Many who ask at once share its answers. */
export async function liveOf({ client }: Pick<Desk, 'client'>, id: string): Promise<ScheduleDescription | undefined> {
  let look = LOOKS.get(client);
  if (!look) LOOKS.set(client, (look = sharedLook((asked) => client.describeSchedule(asked))));
  return within(LIVE_MS, look(id)).catch(() => undefined);
}

/**
 * The schedule as somebody may change it who made it here.
 *
 * @throws FleetError `schedule_not_found`; `schedule_owned` naming where it is changed.
 */
export async function changeable({ store }: Desk, id: string): Promise<ScheduleRow> {
  const row = await runnable({ store }, id);
  if (row.kind !== 'code') return row;
  throw new FleetError('schedule_owned', {
    id,
    owner: 'the code of the fleet',
    where: 'libs/worker-runtime/src/schedules.ts; pause it here, or trigger it',
  });
}

/**
 * The schedule as somebody may pause and run it.
 *
 * @throws FleetError `schedule_not_found`; `schedule_owned` for one of a monitor.
 */
export async function runnable({ store }: Pick<Desk, 'store'>, id: string): Promise<ScheduleRow> {
  const row = await store.schedules.get(id);
  if (row.kind !== 'monitor') return row;
  throw new FleetError('schedule_owned', {
    id,
    owner: 'a monitor',
    where: `/v1/monitors${id.replace(/^monitor/, '')}`,
  });
}

/**
 * Does something with the schedule on Temporal, which is brought there before if it is not. One that Temporal has lost is
 * brought again.
 *
 * @throws FleetError what kept it from Temporal, and what `work` throws.
 */
export async function onTemporal<T>(desk: Desk, id: string, work: () => Promise<T>): Promise<T> {
  await brought(desk, id);
  try {
    return await work();
  } catch (error) {
    if (!isFleetError(error) || error.code !== 'schedule_not_found') throw error;
    await desk.store.schedules.rewrite(id);
    await brought(desk, id);
    return work();
  }
}

async function brought(desk: Desk, id: string): Promise<void> {
  const outcome = await bring(desk, id);
  if (!outcome.applied) throw outcome.reason ?? new FleetError('temporal_unavailable');
}

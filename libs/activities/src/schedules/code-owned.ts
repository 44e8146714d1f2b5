import { isDeepStrictEqual } from 'node:util';
import { isFleetError } from '@fleet/errors';
import type { ScheduleRow, Store } from '@fleet/store';
import type { FleetClient, ScheduleDescription, ScheduleSpec } from '@fleet/temporal-client';
import { applySchedule } from './apply';

/** What keeps a schedule of code in being. */
export interface CodeScheduling {
  readonly store: Pick<Store, 'schedules'>;
  readonly client: Pick<FleetClient, 'putSchedule' | 'removeSchedule' | 'describeSchedule'>;
}

/**
 * Makes a schedule that code states, or changes it when the code's text has changed. Pauses are the operators': one made on
 * Temporal itself is taken over, none is cleared. One that Temporal has lost is written again.
 *
 * @returns what was done; `taken` when the id is of a schedule that is not this code's, which is left alone.
 * @throws FleetError `store_unavailable`, `temporal_unavailable`, and what `putSchedule` throws.
 */
export async function ensureSchedule(
  { store, client }: CodeScheduling,
  spec: ScheduleSpec,
): Promise<'created' | 'updated' | 'unchanged' | 'taken'> {
  const { id } = spec;
  const [row, live] = await Promise.all([
    unlessMissing(store.schedules.get(id)),
    unlessMissing(client.describeSchedule(id)),
  ]);
  if (row && row.kind !== 'code') return 'taken';
  const outcome = await written(store, spec, row, live);
  if (!live && outcome === 'unchanged') await store.schedules.rewrite(id);
  const applied = await applySchedule({ store, client }, id);
  if (!applied.applied && applied.reason) {
    // Of another fleet on the same namespace: no reason not to work.
    if (applied.reason.code === 'schedule_refused') return 'taken';
    throw applied.reason;
  }
  return outcome;
}

async function written(
  { schedules }: Pick<Store, 'schedules'>,
  spec: ScheduleSpec,
  row: ScheduleRow | undefined,
  live: ScheduleDescription | undefined,
): Promise<'created' | 'updated' | 'unchanged'> {
  const { id, owner = 'local', workflow, input, queue, cron } = spec;
  const text = { workflow, input, queue, cron };
  try {
    if (!row) {
      const state = { paused: live?.paused ?? false, note: live?.note ?? null };
      await schedules.create({ id, owner, kind: 'code', ...text, ...state });
      return 'created';
    }
    if (isDeepStrictEqual(text, { workflow: row.workflow, input: row.input, queue: row.queue, cron: row.cron }))
      return 'unchanged';
    const { version } = live?.paused && !row.paused ? await schedules.setPaused(id, true, live.note) : row;
    await schedules.update(id, version, text);
    return 'updated';
  } catch (error) {
    // Another process was faster, with the same text or a newer one.
    if (isFleetError(error) && (error.code === 'schedule_exists' || error.code === 'schedule_changed'))
      return 'unchanged';
    throw error;
  }
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (isFleetError(error) && error.code === 'schedule_not_found') return undefined;
    throw error;
  }
}

import { FleetError } from '@fleet/errors';
import type { FleetClient } from '@fleet/temporal-client';

/** What activities ask of Temporal's schedules. A FleetClient is one. */
export interface ScheduleServer extends Pick<FleetClient, 'putSchedule' | 'removeSchedule'> {
  readonly admin: Pick<FleetClient['admin'], 'schedules'>;
}

const refuse = (): Promise<never> => Promise.reject(new FleetError('temporal_disabled'));

/** For a process that has no Temporal: what is asked of it fails with `temporal_disabled`. */
export const NO_SCHEDULES: ScheduleServer = {
  putSchedule: refuse,
  removeSchedule: refuse,
  admin: { schedules: refuse },
};

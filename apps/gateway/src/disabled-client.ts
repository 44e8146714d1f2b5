import { FleetError } from '@fleet/errors';
import type { FleetClient, UiLinks } from '@fleet/temporal-client';

/**
 * What stands in the client's place when FLEET_TEMPORAL_ENABLED is false: every call is refused with FleetError
 * `temporal_disabled`, and nothing is connected.
 */
export function disabledClient(): FleetClient {
  return {
    admin: { executions: refuse, schedules: refuse },
    start: refuse,
    describe: refuse,
    result: refuse,
    cancel: refuse,
    terminate: refuse,
    signal: refuse,
    query: refuse,
    update: refuse,
    retry: refuse,
    list: refuse,
    history: refuse,
    queues: refuse,
    queue: refuse,
    setRate: refuse,
    workers: refuse,
    hasPollers: refuse,
    putSchedule: refuse,
    removeSchedule: refuse,
    triggerSchedule: refuse,
    backfillSchedule: refuse,
    describeSchedule: refuse,
    ping: refuse,
    close: () => Promise.resolve(),
  };
}

async function refuse(): Promise<never> {
  throw new FleetError('temporal_disabled');
}

/** Without Temporal there is nothing to link to. */
export const NO_LINKS: UiLinks = { workflow: () => null, schedule: () => null };

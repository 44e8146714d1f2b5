import { FleetError } from '@fleet/errors';
import { ScheduleAlreadyRunning, ScheduleNotFoundError, type ScheduleDescription } from '@temporalio/client';
import { GRPC, grpcCodeOf } from '../grpc-errors';
import { knownOwnerFrom } from '../owner-header';
import { ownedBy } from '../owner-interceptors';
import type { Server } from '../server';
import { isOurs, optionsOf, versionIn, type OwnOptions } from './options';
import type { WholeSchedule } from './types';

/**
 * Makes the server's schedule of that id what is given, whole. Nothing of what is there already is kept.
 *
 * @throws FleetError `schedule_refused`, and what `optionsOf` throws.
 */
export async function putSchedule(server: Server, schedule: WholeSchedule): Promise<void> {
  const options = optionsOf(server, schedule);
  await server.bounded(async () => {
    try {
      await createOrReplace(server, schedule, options);
    } catch (error) {
      throw refusalOf(schedule, error) ?? error;
    }
  });
}

/** Its runs go on. One that is not there is as good as removed. */
export async function removeSchedule(server: Server, id: string): Promise<void> {
  await server.bounded(async () => {
    try {
      await server.client.schedule.getHandle(id).delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
  });
}

/** The version says which is likelier. */
async function createOrReplace(server: Server, schedule: WholeSchedule, options: OwnOptions): Promise<void> {
  try {
    await (schedule.version === 1 ? create(server, schedule, options) : replace(server, schedule, options));
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) await replace(server, schedule, options);
    else if (error instanceof ScheduleNotFoundError) await create(server, schedule, options);
    else throw error;
  }
}

async function create(server: Server, { owner }: WholeSchedule, options: OwnOptions): Promise<void> {
  await ownedBy(owner, () => server.client.schedule.create(options));
}

/**
 * The SDK's update sends no conflict token, so the server takes it whatever was written meanwhile; a dropped one would be
 * answered like any other. Whoever calls this is the only writer, and looks whether it is there.
 */
async function replace(server: Server, schedule: WholeSchedule, options: OwnOptions): Promise<void> {
  const handle = server.client.schedule.getHandle(schedule.id);
  let isOwners = true;
  await handle.update((current) => {
    if (!isOurs(current)) throw refused(schedule, 'one of that id is there that no fleet made');
    // The SDK keeps the header, and with it the owner.
    isOwners = ownerOf(current) === schedule.owner;
    return options;
  });
  if (!isOwners) {
    await handle.delete();
    return create(server, schedule, options);
  }
  const now = await handle.describe();
  if (versionIn(now.action.memo) !== schedule.version)
    throw new FleetError('temporal_unavailable', {}, { cause: new Error('the server dropped the update') });
}

function ownerOf({ raw }: ScheduleDescription): string | undefined {
  return knownOwnerFrom(raw.schedule?.action?.startWorkflow?.header?.fields);
}

/** The server's INVALID_ARGUMENT; about a spec the SDK spells it as a TypeError. */
function refusalOf(schedule: WholeSchedule, error: unknown): FleetError | undefined {
  if (error instanceof TypeError) return refused(schedule, error.message.slice(0, 200), error);
  if (grpcCodeOf(error) !== GRPC.INVALID_ARGUMENT) return undefined;
  const { details } = (error as { cause?: { details?: unknown } }).cause ?? {};
  return refused(schedule, typeof details === 'string' ? details.slice(0, 200) : 'its form is not accepted', error);
}

function refused({ id }: WholeSchedule, reason: string, cause?: unknown): FleetError {
  return new FleetError('schedule_refused', { id, reason }, { cause });
}

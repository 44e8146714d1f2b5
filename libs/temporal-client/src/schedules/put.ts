import { randomUUID } from 'node:crypto';
import { FleetError } from '@fleet/errors';
import { ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client';
import {
  compileScheduleOptions,
  encodeScheduleAction,
  encodeSchedulePolicies,
  encodeScheduleSpec,
  encodeScheduleState,
} from '@temporalio/client/lib/schedule-helpers';
import { GRPC, grpcCodeOf, isNotFound } from '../grpc-errors';
import { withOwnerHeader } from '../owner-header';
import { ownedBy } from '../owner-interceptors';
import type { Server } from '../server';
import { find } from './describe';
import { isOf, optionsOf, versionIn, type OwnOptions } from './options';
import type { WholeSchedule } from './types';

/**
 * Makes the server's schedule of that id what is given, whole. Nothing of what is there already is kept.
 *
 * @throws FleetError `schedule_refused`, and what `optionsOf` throws.
 */
export async function putSchedule(server: Server, schedule: WholeSchedule): Promise<void> {
  const { owedAt } = schedule;
  const options = optionsOf(server, owedAt ? { ...schedule, runAt: owedAt } : schedule);
  await server.bounded(async () => {
    try {
      if (owedAt && (await hasVersion(server, schedule))) return;
      await (schedule.appliedVersion === 0
        ? createOrTake(server, schedule, options)
        : replace(server, schedule, options));
    } catch (error) {
      throw refusalOf(schedule, error) ?? error;
    }
  });
}

/**
 * Its runs go on. One that is not there is as good as removed.
 *
 * @param fleet It goes only if this fleet made it. Default: whoever did.
 */
export async function removeSchedule(server: Server, id: string, fleet?: string): Promise<void> {
  await server.bounded(async () => {
    if (fleet !== undefined) {
      const current = await find(server, id);
      if (!current || !isOf(fleet, current)) return;
    }
    try {
      await server.client.schedule.getHandle(id).delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
  });
}

/** Written by somebody who did not get to say so. */
async function hasVersion(server: Server, { id, fleet, version }: WholeSchedule): Promise<boolean> {
  const current = await find(server, id);
  return current !== undefined && isOf(fleet, current) && versionIn(current.action.memo) === version;
}

async function create(server: Server, { owner }: WholeSchedule, options: OwnOptions): Promise<void> {
  await ownedBy(owner, () => server.client.schedule.create(options));
}

/** One of that id may be there that a writer left before it could say so, and one that is none of ours. */
async function createOrTake(server: Server, schedule: WholeSchedule, options: OwnOptions): Promise<void> {
  try {
    return await create(server, schedule, options);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  const current = await find(server, schedule.id);
  if (current && !isOf(schedule.fleet, current))
    throw refused(schedule, 'one of that id is there that this fleet did not make');
  await replace(server, schedule, options);
}

/**
 * The SDK's own update describes the schedule first, and keeps its header; the server refuses descriptions of a schedule
 * that is being changed after the first that waits. This one reads nothing. It sends no conflict token, with which the
 * server would drop it and answer as if it had not: what comes last is what counts, and whoever calls this is alone.
 */
async function replace(server: Server, schedule: WholeSchedule, options: OwnOptions): Promise<void> {
  const { namespace, identity, client } = server;
  const { spec, action, policies, state } = compileScheduleOptions(options);
  const headers = withOwnerHeader({}, schedule.owner);
  try {
    await client.workflowService.updateSchedule({
      namespace,
      identity,
      scheduleId: schedule.id,
      requestId: randomUUID(),
      schedule: {
        spec: encodeScheduleSpec(spec),
        action: await encodeScheduleAction(client.options.loadedDataConverter, namespace, action, headers),
        policies: encodeSchedulePolicies(policies),
        state: encodeScheduleState(state),
      },
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await create(server, schedule, options);
  }
}

/** The server's INVALID_ARGUMENT; about a spec the SDK spells it as a TypeError. */
function refusalOf(schedule: WholeSchedule, error: unknown): FleetError | undefined {
  if (error instanceof TypeError) return refused(schedule, error.message.slice(0, 200), error);
  if (grpcCodeOf(error) !== GRPC.INVALID_ARGUMENT) return undefined;
  const { details, cause } = error as { details?: unknown; cause?: { details?: unknown } };
  const said = details ?? cause?.details;
  return refused(schedule, typeof said === 'string' ? said.slice(0, 200) : 'its form is not accepted', error);
}

function refused({ id }: WholeSchedule, reason: string, cause?: unknown): FleetError {
  return new FleetError('schedule_refused', { id, reason }, { cause });
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError, isFleetError, isPermanent } from '@fleet/errors';
import type { ScheduleRow, Store } from '@fleet/store';
import type { FleetClient } from '@fleet/temporal-client';

/** What writes schedules: the rows that decide, and Temporal. */
export interface ScheduleWriting {
  readonly store: Pick<Store, 'schedules'>;
  readonly client: Pick<FleetClient, 'putSchedule' | 'removeSchedule'>;
}

/** How long to try. */
export interface ApplyOptions {
  /** Milliseconds to wait at most while another writes it. Default 3,000. */
  readonly waitMs?: number;
  /** Milliseconds until another may write what this writer has begun. Default 15,000: more than any call to Temporal takes. */
  readonly leaseMs?: number;
}

/** What became of a change. */
export type Applied =
  | { readonly applied: true }
  /** It is written down, and `applyPending` goes on with it. Without a reason another is writing it. */
  | { readonly applied: false; readonly reason?: FleetError };

const WAIT_MS = 3000;
const LEASE_MS = 15_000;
/** Between two looks at what another writes: most are done after the first, and a slow one is not looked at for nothing. */
const FIRST_LOOK_MS = 10;
const LONGEST_LOOK_MS = 100;
/** Until Temporal is asked again: it was away, or it does not take the schedule as it is. */
const RETRY_MS = 5000;
const RETRY_REFUSED_MS = 60_000;
/** Rows looked at in one go. */
const BATCH = 100;
/** Written at once: enough to keep Temporal busy, and not so many that it becomes slow. */
const AT_ONCE = 8;

/**
 * Makes Temporal's schedule of that id what its row says, and returns once it is at least as new as the row was at the
 * call. One writer at a time writes the whole of the newest row, so of many changes at once each is either on Temporal in
 * the end or was followed by a later one; whoever finds another at work waits for what that one writes. The writer's lease
 * outlives its calls. One that finds its lease lost may have overwritten a later row: it has everything written again. What a
 * writer had under way when it died or gave up may arrive after a later write: the row is written once more a minute later.
 *
 * @throws FleetError `store_unavailable`
 */
export async function applySchedule(
  { store, client }: ScheduleWriting,
  id: string,
  { waitMs = WAIT_MS, leaseMs = LEASE_MS }: ApplyOptions = {},
): Promise<Applied> {
  const writer = { id, writer: randomUUID() };
  const end = performance.now() + waitMs;
  let version: number | undefined;
  let lookMs = FIRST_LOOK_MS;
  for (;;) {
    const found = await store.schedules.lease(writer, leaseMs);
    if (found.state === 'gone' || found.state === 'current') return { applied: true };
    const { row } = found;
    version ??= row.version;
    if (found.state === 'leased') {
      const outcome = await write({ store, client }, writer, row);
      if (outcome) return outcome;
    } else {
      if (row.deletedAt === null && row.appliedVersion >= version) return { applied: true };
      if (performance.now() >= end) return { applied: false };
      await sleep(lookMs);
      lookMs = Math.min(lookMs * 1.5, LONGEST_LOOK_MS);
    }
  }
}

/**
 * Writes what was left over by a writer that died, or by Temporal being away.
 *
 * @returns how many were written, and what kept the others from being so.
 * @throws FleetError `store_unavailable`
 */
export async function applyPending(
  writing: ScheduleWriting,
  options: ApplyOptions & { readonly signal?: AbortSignal } = {},
): Promise<{
  readonly applied: number;
  readonly failed: readonly { readonly id: string; readonly reason: FleetError }[];
}> {
  let applied = 0;
  const failed: { id: string; reason: FleetError }[] = [];
  const ids = [...(await writing.store.schedules.pending(BATCH))];
  let isAway = false;
  const lane = async (): Promise<void> => {
    while (!isAway && !options.signal?.aborted) {
      const id = ids.shift();
      if (id === undefined) return;
      // Somebody who writes it is not waited for.
      const outcome = await applySchedule(writing, id, { ...options, waitMs: 0 });
      if (outcome.applied) applied += 1;
      else if (outcome.reason) failed.push({ id, reason: outcome.reason });
      // A server that is away is away for the others, too.
      isAway ||= !outcome.applied && outcome.reason?.code === 'temporal_unavailable';
    }
  };
  // All have ended before an error of one is thrown: nothing is written behind the caller's back.
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return { applied, failed };
}

/** Undefined: the lease was lost, look again. */
async function write(
  { store, client }: ScheduleWriting,
  writer: { readonly id: string; readonly writer: string },
  row: ScheduleRow,
): Promise<Applied | undefined> {
  try {
    await (row.deletedAt === null ? client.putSchedule({ ...row, owedAt: owed(row) }) : remove(client, row));
  } catch (error) {
    const reason = isFleetError(error) ? error : new FleetError('internal_error', {}, { cause: error });
    await store.schedules.failed(writer, {
      // Only our own words: this is shown, and a driver's may name hosts.
      reason: `${reason.code}: ${reason.message}`,
      retryMs: isPermanent(reason.code) ? RETRY_REFUSED_MS : RETRY_MS,
      isUnderWay: reason.code === 'temporal_unavailable',
    });
    return { applied: false, reason };
  }
  if (row.deletedAt !== null) return (await store.schedules.removed(writer)) === 'lost' ? undefined : { applied: true };
  const noted = await store.schedules.applied(writer, row);
  if (noted === 'noted') return { applied: true };
  if (noted === 'gone') {
    // Deleted by another while the lease was lost. If the id was taken into use since then, its row is written again.
    await client.removeSchedule(row.id);
    await store.schedules.applied(writer, row);
  }
  return undefined;
}

/** One that was never written may be there all the same, and be that of another fleet: it was refused for that. */
function remove(client: ScheduleWriting['client'], { id, appliedVersion, fleet }: ScheduleRow): Promise<void> {
  return appliedVersion === 0 ? client.removeSchedule(id, fleet) : client.removeSchedule(id);
}

/** A single run that was due while the row was not on Temporal is due now, as long as it is to be made up for. */
function owed({ runAt, appliedRunAt, catchupSeconds }: ScheduleRow): Date | undefined {
  if (runAt === null || runAt.getTime() === appliedRunAt?.getTime()) return undefined;
  const late = Date.now() - runAt.getTime();
  return late > 0 && late <= catchupSeconds * 1000 ? new Date(Date.now() + 1000) : undefined;
}

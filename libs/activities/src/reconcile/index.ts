import { isFleetError } from '@fleet/errors';
import type { OverdueNotice, Store } from '@fleet/store';
import type { Finding, ReconcileInput, ReconcileOutput } from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';
import { applyPending, applySchedule, type ScheduleServer } from '../schedules';

/** What the reconciler is handed. */
export interface ReconcileDependencies {
  readonly store: Pick<Store, 'schedules' | 'reconciliation' | 'monitorExecutions'>;
  readonly client: ScheduleServer;
}

/** What people have yet to be told. */
export interface Unsent {
  /** Runs without a notice. */
  readonly executions: readonly string[];
  readonly notices: readonly OverdueNotice[];
}

/** Ids of one kind that are named at most. */
const NAMED = 100;
/** Rows looked at in one go. */
const BATCH = 200;

type Found = ReconcileOutput['schedules'] & { readonly withoutSchedule: Finding };

/**
 * Brings rows and schedules back together. Each step can be done again, by several at once, and at any time: a row is
 * always there before its schedule is, so a schedule that is listed and then has no row is an orphan.
 */
export function createReconcileActivities({ store, client }: ReconcileDependencies) {
  return {
    /**
     * Closes runs of monitors that are open for too long, as failed: nobody works on them any more, since their workflow
     * would have run out of its time before.
     *
     * @throws FleetError `store_unavailable`; the signal's reason between two runs.
     */
    reapExecutions: async (
      { dryRun = false, openMinutes = 30 }: ReconcileInput,
      { signal, heartbeat }: ActivityScope,
    ): Promise<Finding> => {
      const before = new Date(Date.now() - openMinutes * 60_000);
      const stale = async (): Promise<readonly string[]> =>
        (await store.monitorExecutions.stale(before, BATCH)).map(({ id }) => id);
      return allMended(stale, dryRun, async (id) => {
        signal.throwIfAborted();
        await store.monitorExecutions.reap(id);
        heartbeat({ reaped: id });
      });
    },

    /** Finds the runs and notices of which people have yet to be told. @throws FleetError `store_unavailable` */
    findUnsent: async ({ openMinutes = 30 }: ReconcileInput, { signal }: ActivityScope): Promise<Unsent> => {
      signal.throwIfAborted();
      const before = new Date(Date.now() - openMinutes * 60_000);
      return {
        executions: await store.reconciliation.untoldExecutions(before, BATCH),
        notices: await store.reconciliation.overdueNotices(before, BATCH),
      };
    },

    /**
     * Finds and mends what is in one place only. Of schedules on Temporal it deletes only those that this fleet has
     * made: another one, with another database, may use the same namespace.
     *
     * @throws FleetError `store_unavailable`, `temporal_unavailable`; the signal's reason between two schedules.
     */
    reconcileSchedules: async (
      { dryRun = false, openMinutes = 30 }: ReconcileInput,
      scope: ActivityScope,
    ): Promise<Found> => {
      const { reconciliation, schedules } = store;
      const mend = (ids: readonly string[], work: Mend): Promise<Finding> =>
        mended(ids, dryRun, unlessAborted(scope.signal, work));
      const rows = await rowsMended(store, { dryRun, openMinutes }, scope);
      const { orphans, missing } = await compared({ store, client }, scope);
      return {
        ...rows,
        orphans: await mend(orphans, async (id) => {
          // Looked at again: the list is older than this, and somebody may have taken the id into use since.
          if ((await reconciliation.knownSchedules([id])).has(id)) return;
          await client.removeSchedule(id);
        }),
        missing: await mend(missing, async (id) => {
          await schedules.rewrite(id);
          await applySchedule({ store, client }, id);
        }),
        applied: dryRun ? 0 : await allApplied({ store, client }, scope),
      };
    },
  };
}

type Mend = (id: string) => Promise<unknown>;

/** What the rows of monitors and schedules say of each other. */
async function rowsMended(
  { reconciliation, schedules }: ReconcileDependencies['store'],
  { dryRun, openMinutes }: Required<ReconcileInput>,
  { signal }: ActivityScope,
): Promise<Pick<Found, 'withoutMonitor' | 'withoutSchedule' | 'stalled'>> {
  const mendAll = (find: () => Promise<readonly string[]>, work: Mend): Promise<Finding> =>
    allMended(find, dryRun, unlessAborted(signal, work));
  const withoutMonitor = await mendAll(
    () => reconciliation.schedulesWithoutMonitor(BATCH),
    (id) => schedules.markDeleted(id),
  );
  const withoutSchedule = await mendAll(
    () => reconciliation.monitorsWithoutSchedule(BATCH),
    (id) => reconciliation.scheduleMonitor(id),
  );
  const before = new Date(Date.now() - openMinutes * 60_000);
  const stalled = await mendAll(
    () => reconciliation.stalledSchedules(before, BATCH),
    (id) => schedules.update(id, undefined, { runAt: new Date() }).catch(unlessGone),
  );
  return { withoutMonitor, withoutSchedule, stalled };
}

/** Deleted by somebody since it was found. */
function unlessGone(error: unknown): void {
  if (!isFleetError(error) || error.code !== 'schedule_not_found') throw error;
}

function unlessAborted(signal: AbortSignal, work: Mend): Mend {
  return (id) => {
    signal.throwIfAborted();
    return work(id);
  };
}

async function mended(ids: readonly string[], dryRun: boolean, work: Mend): Promise<Finding> {
  if (!dryRun) for (const id of ids) await work(id);
  return { count: ids.length, ids: ids.slice(0, NAMED) };
}

/** Until no more are found, however many an outage has left: what is mended is not found again. A dry run looks once. */
async function allMended(find: () => Promise<readonly string[]>, dryRun: boolean, work: Mend): Promise<Finding> {
  const done = new Set<string>();
  for (;;) {
    const ids = await find();
    const isNew = ids.some((id) => !done.has(id));
    await mended(ids, dryRun, work);
    for (const id of ids) done.add(id);
    if (dryRun || !isNew || ids.length < BATCH) return { count: done.size, ids: [...done].slice(0, NAMED) };
  }
}

/** What Temporal has and no row, and the other way round. */
async function compared(
  { store, client }: ReconcileDependencies,
  { signal, heartbeat }: ActivityScope,
): Promise<{ readonly orphans: readonly string[]; readonly missing: readonly string[] }> {
  // Rows first: what is made meanwhile is on no list of what is missing.
  const settled: string[] = [];
  for (;;) {
    const page = await store.reconciliation.settledSchedules(settled.at(-1) ?? '', BATCH);
    settled.push(...page);
    if (page.length < BATCH) break;
  }
  const mark = await store.reconciliation.fleet();
  const live = new Set<string>();
  const orphans: string[] = [];
  let cursor: string | undefined;
  do {
    signal.throwIfAborted();
    const page = await client.admin.schedules({ limit: BATCH, ...(cursor !== undefined && { cursor }) });
    const own = page.items.filter(({ fleet }) => fleet === mark).map(({ id }) => id);
    const known = await store.reconciliation.knownSchedules(own);
    orphans.push(...own.filter((id) => !known.has(id)));
    for (const { id } of page.items) live.add(id);
    heartbeat({ schedules: live.size });
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return { orphans, missing: settled.filter((id) => !live.has(id)) };
}

async function allApplied({ store, client }: ReconcileDependencies, { signal }: ActivityScope): Promise<number> {
  let total = 0;
  for (;;) {
    signal.throwIfAborted();
    const { applied, failed } = await applyPending({ store, client }, { signal });
    total += applied;
    if (applied === 0 || failed.length > 0) return total;
  }
}

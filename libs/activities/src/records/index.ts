import type { PruneRecordsInput, PruneRecordsOutput } from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';
import type { ActivityStore } from '../activity-store';

const DAY_MS = 86_400_000;
/** Rows deleted in one transaction at most: well below the time-out of a statement. */
const BATCH = 2_000;

/** Upkeep of the tables that every chat writes to. */
export function createRecordActivities({ store }: { readonly store: ActivityStore }) {
  return {
    /**
     * Deletes what is older than it is kept for, in transactions of 2,000 rows. A later attempt goes on with what is left;
     * the counts are those of the last attempt.
     *
     * @throws the signal's reason between two transactions once the signal aborts.
     */
    pruneRecords: async (
      { logDays = 90, pointDays = 7, eventDays = 7 }: PruneRecordsInput,
      { signal, heartbeat }: ActivityScope,
    ): Promise<PruneRecordsOutput> => {
      const { chatLog, events, idempotency, providerCalls } = store;
      const now = Date.now();
      const before = (days: number) => new Date(now - days * DAY_MS);
      const all = async (prune: () => Promise<number>): Promise<number> => {
        for (let deleted = 0; ;) {
          signal.throwIfAborted();
          const rows = await prune();
          deleted += rows;
          if (rows < BATCH) return deleted;
          heartbeat({ deleted });
        }
      };
      return {
        chatLog: await all(() => chatLog.prune(before(logDays), BATCH)),
        points: await all(() => chatLog.prunePoints(before(pointDays), BATCH)),
        events: await all(() => events.prune(before(eventDays), BATCH)),
        // A claim is of use while its request may still be started again: a day is more than any does.
        providerCalls: await all(() => providerCalls.sweep(before(1), BATCH)),
        idempotencyKeys: await all(() => idempotency.sweep(BATCH)),
      };
    },
  };
}

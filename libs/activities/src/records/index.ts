import type { PruneRecordsInput, PruneRecordsOutput } from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';
import type { ActivityStore } from '../activity-store';

const DAY_MS = 86_400_000;
/** Rows deleted in one transaction at most: well below the time-out of a statement. */
const BATCH = 2_000;
/** Runs: each has some ten rows of its journal. */
const RUNS_BATCH = 500;

/** What the upkeep of records works on. */
export type RecordStore = Pick<
  ActivityStore,
  'chatLog' | 'events' | 'idempotency' | 'journals' | 'monitorExecutions' | 'notices' | 'providerCalls'
>;

/** Upkeep of the tables that every chat writes to. */
export function createRecordActivities({ store }: { readonly store: RecordStore }) {
  return {
    /**
     * Deletes what is older than it is kept for, in transactions of 2,000 rows (500 runs). A later attempt goes on with what is left;
     * the counts are those of the last attempt.
     *
     * @throws the signal's reason between two transactions once the signal aborts.
     */
    pruneRecords: async (
      { logDays = 90, pointDays = 7, eventDays = 7, journalDays = 7 }: PruneRecordsInput,
      { signal, heartbeat }: ActivityScope,
    ): Promise<PruneRecordsOutput> => {
      const { chatLog, events, idempotency, journals, monitorExecutions, notices, providerCalls } = store;
      const now = Date.now();
      const before = (days: number) => new Date(now - days * DAY_MS);
      const all = async (prune: (limit: number) => Promise<number>, limit = BATCH): Promise<number> => {
        for (let deleted = 0; ;) {
          signal.throwIfAborted();
          const rows = await prune(limit);
          deleted += rows;
          if (rows < limit) return deleted;
          heartbeat({ deleted });
        }
      };
      return {
        chatLog: await all((limit) => chatLog.prune(before(logDays), limit)),
        points: await all((limit) => chatLog.prunePoints(before(pointDays), limit)),
        events: await all((limit) => events.prune(before(eventDays), limit)),
        // A claim is of use while its request may still be started again: a day is more than any does.
        providerCalls: await all((limit) => providerCalls.sweep(before(1), limit)),
        idempotencyKeys: await all((limit) => idempotency.sweep(limit)),
        journals: await all((limit) => journals.prune(before(journalDays), limit), RUNS_BATCH),
        executions: await all((limit) => monitorExecutions.prune(before(logDays), limit)),
        notices: await all((limit) => notices.prune(before(logDays), limit)),
      };
    },
  };
}

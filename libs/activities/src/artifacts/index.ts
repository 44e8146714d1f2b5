import type { ArtifactCursor } from '@fleet/store';
import type { CleanUpArtifactsInput, CleanUpArtifactsOutput } from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';
import type { ActivityStore } from '../activity-store';

const DAY_MS = 86_400_000;

/** What every heartbeat of the clean-up carries, and what the next attempt goes on from. */
export interface CleanUpProgress extends CleanUpArtifactsOutput {
  /** Where the last batch ended; null before the first. */
  readonly last: ArtifactCursor | null;
  /** Epoch milliseconds; artefacts created before it go. */
  readonly cutoff: number;
}

/** Activities over the artefact store itself. */
export function createArtifactActivities({ store }: { readonly store: Pick<ActivityStore, 'artifacts'> }) {
  return {
    /**
     * Deletes artefacts older than `olderThanDays` (default 30), whoever owns them, `batchSize` (default 100) in one
     * transaction. A later attempt goes on where the last heartbeat was, with the same cutoff; what an attempt deleted
     * after its last heartbeat is gone but missing from the counts.
     *
     * @throws the signal's reason between two batches once the signal aborts.
     */
    cleanUpArtifacts: async (
      { olderThanDays = 30, batchSize = 100 }: CleanUpArtifactsInput,
      { signal, heartbeat, lastHeartbeat }: ActivityScope,
    ): Promise<CleanUpArtifactsOutput> => {
      let progress: CleanUpProgress = isProgress(lastHeartbeat)
        ? lastHeartbeat
        : { deleted: 0, bytes: 0, last: null, cutoff: Date.now() - olderThanDays * DAY_MS };
      for (;;) {
        signal.throwIfAborted();
        const { cutoff, last: after } = progress;
        const { deleted, bytes, last } = await store.artifacts.deleteOlderThan(new Date(cutoff), { batchSize, after });
        if (last === null) return { deleted: progress.deleted, bytes: progress.bytes };
        progress = { deleted: progress.deleted + deleted, bytes: progress.bytes + bytes, last, cutoff };
        heartbeat(progress);
      }
    },
  };
}

// A heartbeat of another version of this code may look different: then the clean-up starts over, which is harmless.
function isProgress(details: unknown): details is CleanUpProgress {
  if (!isRecord(details)) return false;
  const { deleted, bytes, cutoff, last } = details;
  const isCursor = isRecord(last) && typeof last.id === 'string' && typeof last.createdAt === 'string';
  return [deleted, bytes, cutoff].every(Number.isFinite) && (last === null || isCursor);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

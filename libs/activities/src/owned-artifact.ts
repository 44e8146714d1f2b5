import { FleetError } from '@fleet/errors';
import type { ArtifactRow } from '@fleet/store';
import type { ArtifactRef } from '@fleet/workflow-registry/messages';
import type { ActivityScope } from './activity-scope';
import type { ActivityStore } from './activity-store';

/** The four fields of a stored artefact that travel in payloads. */
export function toArtifactRef({ id, size, type, sha256 }: ArtifactRow): ArtifactRef {
  return { id, size, type, sha256 };
}

/**
 * The artefact of that id, when the job's owner has it.
 *
 * @throws FleetError `artifact_not_found` when there is none or it is another owner's: which of the two is not told.
 */
export async function ownedArtifact(
  store: ActivityStore,
  id: string,
  { owner, signal }: Pick<ActivityScope, 'owner' | 'signal'>,
): Promise<ArtifactRow> {
  signal.throwIfAborted();
  const artifact = await store.artifacts.get(id);
  if (artifact.owner !== owner) throw new FleetError('artifact_not_found', { id });
  return artifact;
}

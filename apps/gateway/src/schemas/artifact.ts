import type { ArtifactRow } from '@fleet/store';
import { z } from 'zod';
import { timestamp } from './timestamp';

export const artifactSchema = z.object({
  id: z.string(),
  name: z.string().nullable(),
  size: z.number().int().describe('Bytes.'),
  type: z.string().describe('Media type.'),
  sha256: z.string(),
  owner: z.string(),
  created_at: timestamp,
});

/** An artefact without its bytes. */
export function toArtifact({
  id,
  name,
  size,
  type,
  sha256,
  owner,
  createdAt,
}: ArtifactRow): z.infer<typeof artifactSchema> {
  return { id, name, size, type, sha256, owner, created_at: createdAt.toISOString() };
}

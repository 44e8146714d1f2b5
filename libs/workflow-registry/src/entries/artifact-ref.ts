import { z } from 'zod';
import type { ArtifactRef } from '../messages';

export const artifactRef: z.ZodType<ArtifactRef> = z.object({
  id: z.string(),
  size: z.number().int().nonnegative(),
  type: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

import { z } from 'zod';
import { workflow } from '../entry';
import type { GenerateImageInput, GenerateImageOutput } from '../messages';
import { artifactRef } from './artifact-ref';

const pixels = z.number().int().min(64).max(2048);

export const generateImage = workflow<GenerateImageInput, GenerateImageOutput>({
  description: 'Draws an image from a prompt and stores it as an artefact.',
  queue: 'high',
  allowedQueues: ['high', 'standard'],
  version: 1,
  timeouts: { executionMs: 15 * 60_000 },
  signals: [],
  queries: ['progress'],
  input: z.strictObject({
    prompt: z.string().trim().min(1).max(1000),
    width: pixels.optional(),
    height: pixels.optional(),
  }),
  output: z.object({ image: artifactRef, renderer: z.enum(['local', 'openai']), recordId: z.string() }),
  example: { prompt: 'a lighthouse at dusk', width: 512, height: 512 },
});

import { z } from 'zod';
import { workflow } from '../entry';
import type { AnalyzeDataInput, AnalyzeDataOutput } from '../messages';
import { artifactRef } from './artifact-ref';

const columnSummary = z.object({
  name: z.string(),
  count: z.number(),
  missing: z.number(),
  mean: z.number(),
  standardDeviation: z.number(),
  min: z.number(),
  median: z.number(),
  max: z.number(),
});

const clustering = z.object({
  clusters: z.number(),
  iterations: z.number(),
  sizes: z.array(z.number()),
  centroids: z.array(z.array(z.number())),
  withinSumOfSquares: z.number(),
});

export const analyzeData = workflow<AnalyzeDataInput, AnalyzeDataOutput>({
  description: 'Summary statistics, k-means clusters and a chart of a stored CSV.',
  queue: 'standard',
  allowedQueues: ['standard', 'background'],
  version: 1,
  timeouts: { executionMs: 30 * 60_000 },
  signals: [],
  queries: ['progress'],
  input: z.strictObject({
    artifactId: z.string().min(1).max(100),
    columns: z.array(z.string().min(1).max(200)).min(1).max(50).optional(),
    clusters: z.number().int().min(1).max(20).optional(),
    chart: z.enum(['svg', 'png']).optional(),
  }),
  output: z.object({
    rows: z.number(),
    columns: z.array(columnSummary),
    clustering,
    chart: artifactRef,
    report: artifactRef,
  }),
  example: { artifactId: 'art_0123456789', clusters: 3 },
});

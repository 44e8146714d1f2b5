import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClusterSummary } from '@fleet/workflow-registry/messages';
import { invalidCsv } from './csv-records';
import type { NumberRow } from './table';

/** How a clustering is told about its surroundings. */
export interface KMeansOptions {
  readonly signal: AbortSignal;
  /** Told after every iteration how much is done, 0 to 1. */
  readonly onProgress: (fraction: number) => void;
}

// What R's own examples use; ten miss the best four clusters of Fisher's iris.
const RESTARTS = 25;
const MAX_ITERATIONS = 100;
// The restarts look at this many rows at most; the winner then goes over all of them.
const SAMPLE_ROWS = 5_000;

interface Run {
  readonly centroids: number[][];
  readonly iterations: number;
}

/**
 * k-means (Lloyd) on the values as they are, from 25 k-means++ starts with fixed seeds, keeping the one with the smallest
 * sum of squares: the same rows always give the same clusters. Above 5,000 rows the starts compete on an even sample, and
 * the best one is refined on all rows. Gives way to other work after every iteration.
 *
 * @throws FleetError `invalid_csv` when there are fewer distinct rows than clusters.
 * @throws the signal's reason between two iterations once the signal aborts.
 */
export async function kMeans(rows: number[][], clusters: number, options: KMeansOptions): Promise<ClusterSummary> {
  const distinct = firstDistinct(rows, clusters);
  if (distinct.length < clusters) {
    throw invalidCsv(
      `${clusters} clusters need as many different rows, it has ${distinct.length} without a missing cell`,
    );
  }
  const sampled = rows.length > SAMPLE_ROWS;
  const restartShare = sampled ? 0.5 : 1;
  const best = await bestOfRestarts(sampled ? [...evenSample(rows, SAMPLE_ROWS), ...distinct] : rows, clusters, {
    signal: options.signal,
    onProgress: (fraction) => options.onProgress(fraction * restartShare),
  });
  if (!sampled) return summary(rows, best);
  const refined = await iterate(rows, clusters, best.centroids, {
    signal: options.signal,
    onProgress: (fraction) => options.onProgress(restartShare + fraction * (1 - restartShare)),
  });
  return summary(rows, { ...refined, iterations: best.iterations + refined.iterations });
}

/** Index of the centroid nearest to the row, and the square of its distance. */
export function nearest(row: NumberRow, centroids: readonly NumberRow[]): { index: number; square: number } {
  let best = { index: 0, square: Number.POSITIVE_INFINITY };
  for (const [index, centroid] of centroids.entries()) {
    let square = 0;
    for (let i = 0; i < row.length; i += 1) square += ((row[i] as number) - (centroid[i] as number)) ** 2;
    if (square < best.square) best = { index, square };
  }
  return best;
}

/** At most `limit` items, evenly spread over all of them. */
export function evenSample<T>(items: readonly T[], limit: number): readonly T[] {
  if (items.length <= limit) return items;
  return Array.from({ length: limit }, (_, i) => items[Math.floor((i * items.length) / limit)] as T);
}

async function bestOfRestarts(rows: number[][], clusters: number, options: KMeansOptions): Promise<Run> {
  let best: (Run & { readonly square: number }) | undefined;
  for (let seed = 1; seed <= RESTARTS; seed += 1) {
    const run = await iterate(rows, clusters, seed, {
      signal: options.signal,
      onProgress: (fraction) => options.onProgress((seed - 1 + fraction) / RESTARTS),
    });
    const square = rows.reduce((sum, row) => sum + nearest(row, run.centroids).square, 0);
    if (best === undefined || square < best.square) best = { ...run, square };
  }
  return best as Run;
}

// The generator form of the library: k-means of many rows takes seconds, and heartbeats need the event loop.
async function iterate(
  rows: number[][],
  clusters: number,
  start: number | number[][],
  { signal, onProgress }: KMeansOptions,
): Promise<Run> {
  const { kmeansGenerator } = await import('ml-kmeans');
  const from = typeof start === 'number' ? { seed: start } : { initialization: start };
  // The library's tolerance is a distance in the data's own unit; 0 asks that no centre moves, in any unit.
  const steps = kmeansGenerator(rows, clusters, { ...from, tolerance: 0, maxIterations: MAX_ITERATIONS });
  let run: Run | undefined;
  signal.throwIfAborted();
  for (const { centroids, iterations } of steps) {
    run = { centroids, iterations };
    onProgress(iterations / MAX_ITERATIONS);
    await nextTurn();
    signal.throwIfAborted();
  }
  onProgress(1);
  return run as Run;
}

function summary(rows: readonly NumberRow[], { centroids, iterations }: Run): ClusterSummary {
  const found = centroids.map((centroid) => ({ centroid, size: 0 }));
  let withinSumOfSquares = 0;
  for (const row of rows) {
    const { index, square } = nearest(row, centroids);
    (found[index] as { size: number }).size += 1;
    withinSumOfSquares += square;
  }
  found.sort((a, b) => b.size - a.size || (a.centroid[0] as number) - (b.centroid[0] as number));
  return {
    clusters: centroids.length,
    iterations,
    sizes: found.map(({ size }) => size),
    centroids: found.map(({ centroid }) => centroid),
    withinSumOfSquares,
  };
}

function firstDistinct(rows: number[][], limit: number): number[][] {
  const found = new Map<string, number[]>();
  for (const row of rows) {
    if (found.size >= limit) break;
    // + 0 turns -0 into 0, which is the same place.
    found.set(row.map((value) => value + 0).join(), row);
  }
  return [...found.values()];
}

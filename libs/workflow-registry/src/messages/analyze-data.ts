import type { ArtifactRef } from './artifact';

export interface AnalyzeDataInput {
  /** Id of a stored CSV with a header line. */
  readonly artifactId: string;
  /** Names of the numeric columns to use. Default: all numeric columns. */
  readonly columns?: readonly string[] | undefined;
  /** Clusters that k-means looks for, 1 to 20. Default 3. */
  readonly clusters?: number | undefined;
  /** Form of the chart. Default `svg`. */
  readonly chart?: 'svg' | 'png' | undefined;
}

/** Summary statistics of one numeric column, missing cells left out. */
export interface ColumnSummary {
  readonly name: string;
  readonly count: number;
  readonly missing: number;
  readonly mean: number;
  /** Sample standard deviation (n - 1). */
  readonly standardDeviation: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface ClusterSummary {
  readonly clusters: number;
  readonly iterations: number;
  /** Rows in each cluster, largest first. */
  readonly sizes: readonly number[];
  /** Centre of each cluster, in the order of `sizes`, one number per column. */
  readonly centroids: readonly (readonly number[])[];
  /** Sum over all rows of the squared distance to their centre. */
  readonly withinSumOfSquares: number;
}

export interface AnalyzeDataOutput {
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  readonly clustering: ClusterSummary;
  readonly chart: ArtifactRef;
  /** The whole report as JSON. */
  readonly report: ArtifactRef;
}

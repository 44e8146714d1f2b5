import type { ArtifactRef, ClusterSummary, ColumnSummary } from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';
import type { ActivityStore } from '../activity-store';
import { toArtifactRef } from '../owned-artifact';
import { svgToPng } from '../png';
import { drawSvg } from './chart';
import { summarize } from './column-summary';
import { invalidCsv } from './csv-records';
import { kMeans } from './k-means';
import { completeRows, inspectTable, readRows, type TableShape } from './table';

/** A stored CSV and the columns of it to use. */
export interface TableInput {
  readonly artifactId: string;
  /** Names of numeric columns, as `loadTable` gave them. */
  readonly columns: readonly string[];
}

/** What `loadTable` is asked: a table whose columns are not known yet. */
export interface LoadTableInput {
  readonly artifactId: string;
  /** Default: all numeric columns. */
  readonly columns?: readonly string[] | undefined;
}

/** What `clusterRows` is asked. */
export interface ClusterRowsInput extends TableInput {
  /** Default 3. */
  readonly clusters?: number | undefined;
}

/** Clusters, and how many rows went into them. */
export interface ClusterRowsOutput extends ClusterSummary {
  /** Rows that were clustered. */
  readonly rows: number;
  /** Rows left out because a cell of theirs is missing. */
  readonly leftOut: number;
}

/** What `drawChart` is asked. */
export interface DrawChartInput extends TableInput {
  /** As `clusterRows` gave them; which row belongs to which follows from the centroids. */
  readonly clusters: Pick<ClusterSummary, 'centroids'>;
  /** Default `svg`. */
  readonly format?: 'svg' | 'png' | undefined;
}

/** What goes into the report. */
export interface SaveReportInput {
  /** The CSV. */
  readonly artifactId: string;
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  readonly clustering: ClusterSummary;
  readonly chart: ArtifactRef;
}

/** What heartbeats of the analysis carry. */
export interface AnalysisProgress {
  readonly step: string;
  /** 0 to 1. */
  readonly fraction: number;
}

/**
 * The steps of an analysis. Each reads the CSV again: the rows can be larger than any payload may be, and the next step can
 * run in another process. All throw FleetError `invalid_csv`, whose reason names the line or column, and
 * `artifact_not_found` when the owner has no such artefact.
 */
export function createAnalysisActivities({ store }: { readonly store: ActivityStore }) {
  return {
    /** Reads the whole CSV once to see that it is usable: how many rows it has, and which numeric columns to use. */
    loadTable: async ({ artifactId, columns }: LoadTableInput, scope: ActivityScope): Promise<TableShape> => {
      return inspectTable(store, artifactId, columns, scope);
    },

    /** Summary statistics of each column, missing cells left out and counted. */
    summarizeColumns: async ({ artifactId, columns }: TableInput, scope: ActivityScope): Promise<ColumnSummary[]> => {
      const rows = await readRows(store, artifactId, columns, scope);
      const summaries: ColumnSummary[] = [];
      for (const [index, name] of columns.entries()) {
        scope.signal.throwIfAborted();
        const values = rows.map((row) => row[index] as number);
        if (values.every(Number.isNaN)) throw invalidCsv(`column "${name}" has no numbers`);
        summaries.push(await summarize(name, values));
        beat(scope, 'summarizing', (index + 1) / columns.length);
      }
      return summaries;
    },

    /** k-means over the rows that have all the columns, on the values as they are. Fewer distinct rows than clusters is `invalid_csv`. */
    clusterRows: async (input: ClusterRowsInput, scope: ActivityScope): Promise<ClusterRowsOutput> => {
      const { artifactId, columns, clusters = 3 } = input;
      const all = await readRows(store, artifactId, columns, scope);
      const rows = completeRows(all);
      const summary = await kMeans(rows, clusters, {
        signal: scope.signal,
        onProgress: (fraction) => beat(scope, 'clustering', fraction),
      });
      return { ...summary, rows: rows.length, leftOut: all.length - rows.length };
    },

    /** Draws the rows, coloured by cluster, and stores the chart: once, however many attempts. */
    drawChart: async (input: DrawChartInput, scope: ActivityScope): Promise<ArtifactRef> => {
      const { artifactId, columns, clusters, format = 'svg' } = input;
      const rows = completeRows(await readRows(store, artifactId, columns, scope));
      const svg = drawSvg({ rows, columns, centroids: clusters.centroids });
      // Twice the pixels: text in a PNG is read on dense screens too.
      const bytes = format === 'png' ? await svgToPng(svg, 2) : Buffer.from(svg);
      scope.signal.throwIfAborted();
      const type = format === 'png' ? 'image/png' : 'image/svg+xml';
      return toArtifactRef(await store.artifacts.put(bytes, { ...kept(scope), type, name: `chart.${format}` }));
    },

    /** Stores all results as one JSON file: once, however many attempts. */
    saveReport: async (input: SaveReportInput, scope: ActivityScope): Promise<ArtifactRef> => {
      scope.signal.throwIfAborted();
      const { artifactId, rows, columns, clustering, chart } = input;
      const report = { jobId: scope.jobId, artifactId, rows, columns, clustering, chart };
      const bytes = Buffer.from(`${JSON.stringify(report, null, 2)}\n`);
      const options = { ...kept(scope), type: 'application/json', name: 'report.json' };
      return toArtifactRef(await store.artifacts.put(bytes, options));
    },
  };
}

function beat({ heartbeat }: ActivityScope, step: string, fraction: number): void {
  heartbeat({ step, fraction } satisfies AnalysisProgress);
}

function kept({ owner, idempotencyKey }: ActivityScope) {
  return { owner, state: 'saved', key: idempotencyKey } as const;
}

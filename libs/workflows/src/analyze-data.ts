import type { Activities, Proxied } from '@fleet/activities';
import { progressQuery, type AnalyzeDataInput, type AnalyzeDataOutput } from '@fleet/workflow-registry/messages';
import { proxyActivities } from '@temporalio/workflow';
import { trackProgress } from './progress';

/** Times are Project-AI's numbers for each step of this workflow. */
function within(
  startToCloseTimeout: '30 s' | '60 s' | '90 s' | '120 s' | '180 s',
  maximumAttempts = 3,
): Proxied<Activities> {
  return proxyActivities<Proxied<Activities>>({
    startToCloseTimeout,
    heartbeatTimeout: '10 s',
    // A cancelled analysis is Canceled only once its running step has really stopped.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: { maximumAttempts },
  });
}

const { loadTable } = within('60 s');
const { summarizeColumns } = within('120 s');
const { clusterRows } = within('180 s');
const { drawChart } = within('90 s');
const { saveReport } = within('30 s', 5);

/** Reads a stored CSV, computes statistics and clusters, draws a chart and saves the report. */
export async function analyzeData(input: AnalyzeDataInput): Promise<AnalyzeDataOutput> {
  const { artifactId, clusters = 3, chart: format = 'svg' } = input;
  const at = trackProgress(progressQuery, ['load', 'summarize', 'cluster', 'chart', 'report']);
  at('load');
  const table = await loadTable({ artifactId, columns: input.columns });
  const source = { artifactId, columns: table.columns };
  at('summarize');
  const columns = await summarizeColumns(source);
  at('cluster');
  const clustering = await clusterRows({ ...source, clusters });
  at('chart');
  const chart = await drawChart({ ...source, clusters: clustering, format });
  const summary = { rows: table.rows, columns, clustering, chart };
  at('report');
  const report = await saveReport({ artifactId, ...summary });
  at('done');
  return { ...summary, report };
}

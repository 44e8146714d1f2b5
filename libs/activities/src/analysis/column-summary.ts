import type { ColumnSummary } from '@fleet/workflow-registry/messages';

/** Summarises one column, NaN being missing. The standard deviation is the sample's (n - 1), and 0 for a single value. */
export async function summarize(name: string, values: readonly number[]): Promise<ColumnSummary> {
  const { max, mean, medianSorted, min, sampleStandardDeviation } = await import('simple-statistics');
  const present = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
  return {
    name,
    count: present.length,
    missing: values.length - present.length,
    mean: mean(present),
    standardDeviation: present.length < 2 ? 0 : sampleStandardDeviation(present),
    min: min(present),
    median: medianSorted(present),
    max: max(present),
  };
}

import { Counter, Histogram, type Registry } from '@fleet/telemetry';

/** How one activity ended. */
export type ActivityOutcome = 'completed' | 'failed' | 'canceled';

/** Counts and times activities. Workflow metrics are Core's own, which know about replay. */
export interface ActivityMetrics {
  /** Call what it returns once, when the activity ends. */
  start(activityName: string): (outcome: ActivityOutcome) => void;
}

/** Project-AI's metric names and buckets. */
export function createActivityMetrics(registry: Registry): ActivityMetrics {
  const count = new Counter({
    name: 'temporal_activity_execution_count',
    help: 'Activity attempts that ended, by activity and outcome.',
    labelNames: ['activity_name', 'status'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'temporal_activity_duration_seconds',
    help: 'Time of one activity attempt.',
    labelNames: ['activity_name'],
    buckets: [0.1, 0.5, 1, 5, 10, 30, 60],
    registers: [registry],
  });
  return {
    start(activityName) {
      const startedAt = process.hrtime.bigint();
      return (outcome) => {
        count.inc({ activity_name: activityName, status: outcome });
        duration.observe({ activity_name: activityName }, Number(process.hrtime.bigint() - startedAt) / 1e9);
      };
    },
  };
}

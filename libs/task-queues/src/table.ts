/** One row of the table: what a task queue may do, and how its workers live. */
export interface TaskQueueSettings {
  /** Workflow tasks (milliseconds each) that one worker works on at once. At least 2. */
  readonly workflowTaskSlots: number;
  /** Activities that one worker runs at once: the real "jobs at once" limit. */
  readonly activitySlots: number;
  /** Worker processes the fleet starts for this queue at most. */
  readonly maxWorkers: number;
  /** Activities the server hands out per second over all workers of the queue; `null` = no limit. */
  readonly activitiesPerSecond: number | null;
  /** Seconds that running activities get to finish after SIGTERM, before they are cancelled. */
  readonly drainSeconds: number;
  /** Seconds after SIGTERM at which the worker ends whatever still runs. More than `drainSeconds`. */
  readonly forceSeconds: number;
  /** Workflows kept in memory by one worker, about 130 KB each. */
  readonly cachedWorkflows: number;
  /** Fewest polls open at once, per kind of task. */
  readonly pollersMin: number;
  /** Most polls open at once, per kind of task. */
  readonly pollersMax: number;
  /** Port of the worker's /healthz, /readyz and /metrics. The n-th worker on one machine takes port + 10 n. */
  readonly healthPort: number;
}

/**
 * THE TABLE. Slots, workers and rates are Project-AI's numbers of record; drain and force keep its 60 s shutdown; cache
 * and pollers follow the slots. `@fleet/task-queues/overrides` changes a cell from the environment.
 */
export const TASK_QUEUES = {
  high: {
    workflowTaskSlots: 100,
    activitySlots: 50,
    maxWorkers: 5,
    activitiesPerSecond: 100,
    drainSeconds: 45,
    forceSeconds: 60,
    cachedWorkflows: 500,
    pollersMin: 2,
    pollersMax: 20,
    healthPort: 9101,
  },
  standard: {
    workflowTaskSlots: 50,
    activitySlots: 25,
    maxWorkers: 3,
    activitiesPerSecond: 50,
    drainSeconds: 45,
    forceSeconds: 60,
    cachedWorkflows: 300,
    pollersMin: 2,
    pollersMax: 20,
    healthPort: 9102,
  },
  background: {
    workflowTaskSlots: 10,
    activitySlots: 5,
    maxWorkers: 1,
    activitiesPerSecond: 10,
    drainSeconds: 45,
    forceSeconds: 60,
    cachedWorkflows: 100,
    pollersMin: 2,
    pollersMax: 10,
    healthPort: 9103,
  },
  scheduled: {
    workflowTaskSlots: 5,
    activitySlots: 5,
    maxWorkers: 1,
    activitiesPerSecond: null,
    drainSeconds: 45,
    forceSeconds: 60,
    cachedWorkflows: 100,
    pollersMin: 2,
    pollersMax: 5,
    healthPort: 9104,
  },
} as const satisfies Record<string, TaskQueueSettings>;

/** The name of a task queue: `high`, `standard`, `background` or `scheduled`. Also its name on the Temporal server. */
export type TaskQueueName = keyof typeof TASK_QUEUES;

/** The four names, in the order of the table. */
export const TASK_QUEUE_NAMES = Object.keys(TASK_QUEUES) as readonly TaskQueueName[];

/** True when the text names a task queue of the table. */
export function isTaskQueueName(text: string): text is TaskQueueName {
  return Object.hasOwn(TASK_QUEUES, text);
}

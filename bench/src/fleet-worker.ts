import { join } from 'node:path';
import { TASK_QUEUES, type TaskQueueName, type TaskQueueSettings } from '@fleet/task-queues';
import { freePort } from './ports';
import { ROOT, type Stage } from './stage';
import { startWorker, type WorkerProcess } from './worker-process';

/** The cells that a line of the bench changes; anything else is as in the table. `null` = no limit. */
export type Cells = Partial<Pick<TaskQueueSettings, 'workflowTaskSlots' | 'activitySlots' | 'activitiesPerSecond'>>;

/** The app whose build a line needs, to be passed to the stage. */
export const appOf = (queue: TaskQueueName): string => `worker-${queue}`;

/** Starts the fleet's own worker of a queue, as built: with its health server, metrics, logs and everything else on. */
export async function startFleetWorker(
  stage: Stage,
  queue: TaskQueueName,
  namespace: string,
  cells: Cells = {},
  env: Readonly<Record<string, string>> = {},
): Promise<WorkerProcess> {
  const { workflowTaskSlots, activitySlots, activitiesPerSecond } = { ...TASK_QUEUES[queue], ...cells };
  const prefix = `FLEET_${queue.toUpperCase()}`;
  return startWorker(stage, {
    name: `${namespace}-worker-${queue}`,
    file: join(ROOT, 'apps', appOf(queue), 'dist/main.js'),
    env: {
      TEMPORAL_ADDRESS: stage.address,
      TEMPORAL_NAMESPACE: namespace,
      DATABASE_URL: stage.databaseUrl,
      [`${prefix}_WORKFLOW_TASK_SLOTS`]: String(workflowTaskSlots),
      [`${prefix}_ACTIVITY_SLOTS`]: String(activitySlots),
      [`${prefix}_ACTIVITIES_PER_SECOND`]: String(activitiesPerSecond ?? 'none'),
      [`${prefix}_HEALTH_PORT`]: String(await freePort()),
      ...env,
    },
  });
}

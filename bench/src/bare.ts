import { join } from 'node:path';
import type { Stage } from './stage';
import { startWorker, type WorkerProcess } from './worker-process';

/** The queue every contestant of a comparison polls, each in a namespace of its own. */
export const QUEUE = 'standard';

/** The slots of a worker whose options do not name them: the SDK's own defaults, which bare-worker.js runs with. */
export const BARE_SLOTS = { workflowTaskSlots: 40, activitySlots: 100 } as const;

/** What a bare worker may be told. */
export interface BareOptions {
  /** Default: the stage's. */
  readonly address?: string;
  /** CPU time each activity burns, milliseconds. Default 0. */
  readonly burnMs?: number;
  /** Default: no limit. */
  readonly activitiesPerSecond?: number;
}

/** Starts bare-worker.js. */
export function startBareWorker(stage: Stage, namespace: string, options: BareOptions = {}): WorkerProcess {
  return startWorker(stage, {
    name: `${namespace}-bare-worker`,
    file: join(__dirname, 'bare-worker.js'),
    env: {
      TEMPORAL_ADDRESS: options.address ?? stage.address,
      TEMPORAL_NAMESPACE: namespace,
      TASK_QUEUE: QUEUE,
      BURN_MS: String(options.burnMs ?? 0),
      ACTIVITIES_PER_SECOND: String(options.activitiesPerSecond ?? ''),
    },
  });
}

import type { Activities } from '@fleet/activities';
import { errorText, FleetError } from '@fleet/errors';
import {
  IllegalStateError,
  NativeConnection,
  TransportError,
  UnexpectedError,
  Worker,
  type WorkerOptions,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import type { ActivityMetrics } from './activity-metrics';
import { activityInterceptors } from './activity-interceptor';
import type { WorkerConfig } from './config';

/** A lost sticky worker costs a workflow this long, once. The SDK's own default of 10 s is felt by users; 2 s is not. */
const STICKY_TIMEOUT = '2 s';
/** Heartbeats go out at most this often, so that short heartbeat time-outs keep a margin. */
const HEARTBEAT_THROTTLE = '1 s';

/** What a worker is made of. */
export interface WorkerParts {
  readonly config: WorkerConfig;
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly identity: string;
  readonly bundle: WorkflowBundleOption;
  readonly activities: Activities;
  readonly metrics: ActivityMetrics;
  /** Set only when the server cannot keep the rate itself. */
  readonly workerSideRate: number | undefined;
}

/**
 * The worker of a queue with every option said, none left to a default that was measured to hurt.
 *
 * @throws FleetError `bundle_mismatch` when the bundle does not run, else what the server says.
 */
export async function createWorker(parts: WorkerParts): Promise<Worker> {
  try {
    return await Worker.create(workerOptions(parts));
  } catch (error) {
    if (isFromServer(error)) throw error;
    const path = 'codePath' in parts.bundle ? parts.bundle.codePath : '(in memory)';
    throw new FleetError('bundle_mismatch', { path, reason: errorText(error) }, { cause: error });
  }
}

/** The bundle is run before the server is asked about the namespace, and everything Core says comes as one of these. */
function isFromServer(error: unknown): boolean {
  return error instanceof TransportError || error instanceof UnexpectedError || error instanceof IllegalStateError;
}

/** The options of {@link createWorker}, apart so that a test can read them. */
export function workerOptions(parts: WorkerParts): WorkerOptions {
  const { settings, queue } = parts.config;
  const pollers = {
    type: 'autoscaling',
    minimum: settings.pollersMin,
    maximum: settings.pollersMax,
    initial: Math.min(5, settings.pollersMax),
  } as const;
  return {
    connection: parts.connection,
    namespace: parts.namespace,
    identity: parts.identity,
    taskQueue: queue,
    workflowBundle: parts.bundle,
    activities: parts.activities,
    interceptors: { activity: [activityInterceptors(parts.metrics)] },
    maxConcurrentWorkflowTaskExecutions: settings.workflowTaskSlots,
    maxConcurrentActivityTaskExecutions: settings.activitySlots,
    maxConcurrentLocalActivityExecutions: settings.activitySlots,
    maxCachedWorkflows: settings.cachedWorkflows,
    workflowTaskPollerBehavior: pollers,
    activityTaskPollerBehavior: pollers,
    // Eager activities walk past the queue's rate and pause, and gain nothing.
    maxEagerActivityReservationsPerWorkflowTask: 0,
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    shutdownGraceTime: settings.drainSeconds * 1000,
    shutdownForceTime: settings.forceSeconds * 1000,
    ...(parts.workerSideRate === undefined ? {} : { maxTaskQueueActivitiesPerSecond: parts.workerSideRate }),
  };
}

import type { temporal } from '@temporalio/proto';
import { toDateOrEpoch } from './convert';
import type { WorkerDescription } from './fleet-client';
import { WORKER_DEAD_AFTER_MS } from './liveness';
import type { Server } from './server';

type Heartbeat = temporal.api.worker.v1.IWorkerHeartbeat;
type Slots = temporal.api.worker.v1.IWorkerSlotsInfo | null | undefined;

const STATUS_RUNNING = 1;

/** A worker and its polls, which only a queue's description shows. */
export interface WorkerReport {
  readonly worker: WorkerDescription;
  readonly workflowPollers: number;
  readonly activityPollers: number;
}

/**
 * Every worker the server knows, by its last heartbeat. One that was killed is still listed for minutes and shown as
 * `dead`; one that ended by itself is left out as soon as its heartbeats stop.
 */
export async function workerReports(server: Server): Promise<WorkerReport[]> {
  const reports: WorkerReport[] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const answer = await server.connection.workflowService.listWorkers({
      namespace: server.namespace,
      pageSize: 1000,
      nextPageToken,
    });
    for (const { workerHeartbeat } of answer.workersInfo ?? []) {
      const report = workerHeartbeat && toReport(workerHeartbeat);
      if (report) reports.push(report);
    }
    nextPageToken = answer.nextPageToken?.length ? answer.nextPageToken : undefined;
  } while (nextPageToken);
  return reports;
}

/** True when it still reports. */
export function isAlive({ worker }: WorkerReport): boolean {
  return worker.status !== 'dead';
}

function toReport(heartbeat: Heartbeat): WorkerReport | undefined {
  const heartbeatAt = toDateOrEpoch(heartbeat.heartbeatTime);
  const silent = Date.now() - heartbeatAt.getTime() > WORKER_DEAD_AFTER_MS;
  const running = Number(heartbeat.status) === STATUS_RUNNING;
  if (silent && !running) return undefined;
  const { hostInfo } = heartbeat;
  const worker: WorkerDescription = {
    key: heartbeat.workerInstanceKey ?? '',
    identity: heartbeat.workerIdentity ?? '',
    queue: heartbeat.taskQueue ?? '',
    host: hostInfo?.hostName ?? '',
    pid: Number(hostInfo?.processId ?? 0),
    status: silent ? 'dead' : running ? 'running' : 'draining',
    startedAt: toDateOrEpoch(heartbeat.startTime),
    heartbeatAt,
    activitySlotsUsed: used(heartbeat.activityTaskSlotsInfo),
    activitySlotsTotal: total(heartbeat.activityTaskSlotsInfo),
    workflowSlotsUsed: used(heartbeat.workflowTaskSlotsInfo),
    workflowSlotsTotal: total(heartbeat.workflowTaskSlotsInfo),
    cachedWorkflows: heartbeat.currentStickyCacheSize ?? 0,
    hostCpu: hostInfo?.currentHostCpuUsage ?? 0,
    hostMemory: hostInfo?.currentHostMemUsage ?? 0,
    sdkVersion: heartbeat.sdkVersion ?? '',
  };
  return {
    worker,
    workflowPollers: heartbeat.workflowPollerInfo?.currentPollers ?? 0,
    activityPollers: heartbeat.activityPollerInfo?.currentPollers ?? 0,
  };
}

function used(slots: Slots): number {
  return slots?.currentUsedSlots ?? 0;
}

/** -1 available means "not known" (a resource-based tuner). */
function total(slots: Slots): number {
  return used(slots) + Math.max(0, slots?.currentAvailableSlots ?? 0);
}

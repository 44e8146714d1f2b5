import { FleetError } from '@fleet/errors';
import { isTaskQueueName, TASK_QUEUE_NAMES, type TaskQueueName, type TaskQueueSettings } from '@fleet/task-queues';
import type { temporal } from '@temporalio/proto';
import { toDateOrEpoch, toNumber, toSeconds } from './convert';
import type { QueueDescription, QueueLoad, WorkerDescription } from './fleet-client';
import { GRPC, grpcCodeOf } from './grpc-errors';
import { giveRateBack, rateFrom, setOperatorRate } from './rate';
import type { Server } from './server';
import { isAlive, workerReports, type WorkerReport } from './workers';

type Timestamp = Parameters<typeof toDateOrEpoch>[0];
type RawDescription = temporal.api.workflowservice.v1.IDescribeTaskQueueResponse;
type Settings = Readonly<Record<TaskQueueName, TaskQueueSettings>>;

const WORKFLOW_TYPE = 1;
const ACTIVITY_TYPE = 2;
const POLLERS_CACHE_MS = 1000;
/** A long poll of 60 s and what it may take to come back. */
const POLL_LASTS_MS = 70_000;
const GREATEST_RATE = 1000;

/** The task queues of the table, as their server and their workers report them. */
export class Queues {
  private pollersAt = 0;
  private pollers: Promise<ReadonlySet<string>> | undefined;

  constructor(
    private readonly server: Server,
    private readonly settings: Settings,
  ) {}

  all(): Promise<readonly QueueDescription[]> {
    return this.server.bounded(async () => {
      const reports = await workerReports(this.server);
      return Promise.all(TASK_QUEUE_NAMES.map((name) => this.describe(name, reports)));
    });
  }

  one(name: TaskQueueName): Promise<QueueDescription> {
    requireQueue(name);
    return this.server.bounded(async () => this.describe(name, await workerReports(this.server)));
  }

  async setRate(name: TaskQueueName, perSecond: number | null, reason?: string): Promise<QueueDescription> {
    requireQueue(name);
    requireRate(perSecond);
    const { connection, namespace, identity } = this.server;
    const table = this.settings[name].activitiesPerSecond;
    return this.server.bounded(async () => {
      const writing =
        perSecond === null
          ? giveRateBack(connection, namespace, name, table, identity)
          : setOperatorRate(connection, namespace, name, perSecond, reason, identity);
      const rate = await writing.catch((error: unknown) => {
        throw grpcCodeOf(error) === GRPC.UNIMPLEMENTED ? rateUnsupported(name, error) : error;
      });
      // The server's description of a busy queue may still show the rate before.
      return { ...(await this.one(name)), rate };
    });
  }

  workers(): Promise<readonly WorkerDescription[]> {
    return this.server.bounded(async () => (await workerReports(this.server)).map(({ worker }) => worker));
  }

  /** One answer serves all callers of a second: it is asked before every start. */
  async hasPollers(name: TaskQueueName): Promise<boolean> {
    requireQueue(name);
    if (!this.pollers || Date.now() - this.pollersAt > POLLERS_CACHE_MS) {
      this.pollersAt = Date.now();
      this.pollers = this.server.bounded(() => this.polledQueues());
      // A failure is not an answer worth keeping.
      this.pollers.catch(() => (this.pollers = undefined));
    }
    return (await this.pollers).has(name);
  }

  private async polledQueues(): Promise<ReadonlySet<string>> {
    const reports = await workerReports(this.server);
    const polled = new Set(reports.filter(isAlive).map(({ worker }) => worker.queue));
    for (const name of TASK_QUEUE_NAMES) {
      if (!polled.has(name) && newPollers(await this.side(name, ACTIVITY_TYPE), reports) > 0) polled.add(name);
    }
    return polled;
  }

  private async describe(name: TaskQueueName, reports: readonly WorkerReport[]): Promise<QueueDescription> {
    const [workflows, activities] = await Promise.all([this.side(name, WORKFLOW_TYPE), this.side(name, ACTIVITY_TYPE)]);
    const live = reports.filter((report) => report.worker.queue === name && isAlive(report));
    return {
      name,
      settings: this.settings[name],
      rate: rateFrom(activities),
      workers: live.length,
      workflows: {
        ...stats(workflows),
        pollers: sum(live, (report) => report.workflowPollers) + newPollers(workflows, reports),
        slotsUsed: sum(live, ({ worker }) => worker.workflowSlotsUsed),
        slotsTotal: sum(live, ({ worker }) => worker.workflowSlotsTotal),
      },
      activities: {
        ...stats(activities),
        pollers: sum(live, (report) => report.activityPollers) + newPollers(activities, reports),
        slotsUsed: sum(live, ({ worker }) => worker.activitySlotsUsed),
        slotsTotal: sum(live, ({ worker }) => worker.activitySlotsTotal),
      },
    };
  }

  private side(name: TaskQueueName, taskQueueType: number): Promise<RawDescription> {
    return this.server.connection.workflowService.describeTaskQueue({
      namespace: this.server.namespace,
      taskQueue: { name },
      taskQueueType,
      reportStats: true,
      reportConfig: true,
    });
  }
}

function stats({
  stats: raw,
}: RawDescription): Pick<QueueLoad, 'backlog' | 'oldestAgeSeconds' | 'addRate' | 'dispatchRate'> {
  return {
    backlog: toNumber(raw?.approximateBacklogCount),
    oldestAgeSeconds: toSeconds(raw?.approximateBacklogAge),
    addRate: raw?.tasksAddRate ?? 0,
    dispatchRate: raw?.tasksDispatchRate ?? 0,
  };
}

/** Polls of workers that have not reported yet: the first heartbeat comes 2 s after the first poll. A killed worker has. */
function newPollers({ pollers }: RawDescription, reports: readonly WorkerReport[]): number {
  const known = new Set(reports.map(({ worker }) => worker.identity));
  const oldest = Date.now() - POLL_LASTS_MS;
  const isNew = ({
    identity,
    lastAccessTime,
  }: {
    identity?: string | null;
    lastAccessTime?: Timestamp | null;
  }): boolean => !known.has(identity ?? '') && toDateOrEpoch(lastAccessTime).getTime() > oldest;
  return (pollers ?? []).filter(isNew).length;
}

function sum(reports: readonly WorkerReport[], of: (report: WorkerReport) => number): number {
  return reports.reduce((all, report) => all + of(report), 0);
}

function requireQueue(name: string): void {
  if (isTaskQueueName(name)) return;
  throw new FleetError('unknown_queue', {
    got: JSON.stringify(name.slice(0, 100)),
    names: TASK_QUEUE_NAMES.join(', '),
  });
}

/** The server takes more and hands out 1,000 a second all the same. */
function requireRate(perSecond: number | null): void {
  if (perSecond === null || (Number.isFinite(perSecond) && perSecond >= 0 && perSecond <= GREATEST_RATE)) return;
  const field = {
    field: 'perSecond',
    rule: `must be a number from 0 (paused) to ${GREATEST_RATE}, or null`,
    got: perSecond,
  };
  throw new FleetError('invalid_input', { count: 1 }, { fields: [field] });
}

function rateUnsupported(name: string, cause: unknown): FleetError {
  const details = {
    operation: 'Setting the rate',
    subject: `queue ${name}`,
    reason: 'this Temporal server has no such call',
  };
  return new FleetError('not_supported', details, { cause });
}

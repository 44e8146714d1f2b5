// A process of the crash tests: the workers that run monitors and deliver notices, until it is killed. For specs only.
import { createActivities, type Activities } from '@fleet/activities';
import { openStore } from '@fleet/store';
import { TASK_QUEUES } from '@fleet/task-queues';
import { createMetrics } from '@fleet/telemetry';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createActivityMetrics } from './activity-metrics';
import { createWorker } from './create-worker';

/** What the process is told. */
export interface NoticeHostOrder {
  readonly databaseUrl: string;
  readonly address: string;
  readonly namespace: string;
  /** Path of the bundle of workflows. */
  readonly codePath: string;
  /** Variables of the activities. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the first attempt of each `notifyMonitor` waits to be killed: before or after it has written the notices. Default: nowhere. */
  readonly hold?: 'before' | 'after';
}

const QUEUES = ['scheduled', 'standard'] as const;

async function main({ databaseUrl, address, namespace, codePath, env, hold }: NoticeHostOrder): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address });
  const activities = createActivities({ store: openStore({ url: databaseUrl }), env });
  const workers = QUEUES.map((queue) =>
    createWorker({
      // All that are under way when it is killed must fit.
      config: {
        queue,
        settings: { ...TASK_QUEUES[queue], activitySlots: 100, workflowTaskSlots: 50 },
        host: '127.0.0.1',
        databaseUrl,
      },
      connection,
      namespace,
      identity: `${queue}@${process.pid}`,
      bundle: { codePath },
      activities: hold ? { ...activities, notifyMonitor: held(activities.notifyMonitor, hold) } : activities,
      metrics: createActivityMetrics(createMetrics({ queue: 'spec' })),
      workerSideRate: undefined,
    }),
  );
  process.stdin.on('end', () => process.exit(0)).resume();
  await Promise.all((await Promise.all(workers)).map((worker) => worker.run()));
}

/** The same, but that the first attempt says so and goes no further. */
function held(notifyMonitor: Activities['notifyMonitor'], when: 'before' | 'after'): Activities['notifyMonitor'] {
  return async (input, scope) => {
    if (scope.attempt > 1) return notifyMonitor(input, scope);
    if (when === 'after') await notifyMonitor(input, scope);
    process.stdout.write('held\n');
    return new Promise(() => undefined);
  };
}

void main(JSON.parse(process.argv[2] ?? '{}') as NoticeHostOrder);

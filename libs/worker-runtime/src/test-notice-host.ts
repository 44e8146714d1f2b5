// A process of the crash test: a worker of the queue `standard` until it is killed. For specs only.
import { createActivities } from '@fleet/activities';
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
}

async function main(order: NoticeHostOrder): Promise<void> {
  const { databaseUrl, address, namespace, codePath, env } = order;
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const worker = await createWorker({
    config: {
      queue: 'standard',
      // All that are under way when it is killed must fit.
      settings: { ...TASK_QUEUES.standard, activitySlots: 100 },
      host: '127.0.0.1',
      databaseUrl,
    },
    connection: await NativeConnection.connect({ address }),
    namespace,
    identity: `standard@${process.pid}`,
    bundle: { codePath },
    activities: createActivities({ store: openStore({ url: databaseUrl }), env }),
    metrics: createActivityMetrics(createMetrics({ queue: 'spec' })),
    workerSideRate: undefined,
  });
  process.stdin.on('end', () => process.exit(0)).resume();
  await worker.run();
}

void main(JSON.parse(process.argv[2] ?? '{}') as NoticeHostOrder);

import type { Activities } from '@fleet/activities';
import {
  ActivityLog,
  CONFORMANCE_WORKFLOWS,
  conformanceActivities,
  type Subject,
} from '@fleet/durable-executor/conformance';
import type { Hooks } from '@fleet/durable-executor';
import { createTemporalExecutor } from '@fleet/durable-executor/temporal';
import { TASK_QUEUES } from '@fleet/task-queues';
import { createMetrics } from '@fleet/telemetry';
import { openServer, type Server } from '@fleet/temporal-client/server';
import { createTestNamespace } from '@fleet/temporal-client/test-namespace';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createActivityMetrics } from './activity-metrics';
import { createWorker } from './create-worker';

/** Our own worker with the workflows of the conformance suite, on a namespace of its own. For specs only. */
export async function startPortableWorker(
  hooks: readonly Hooks[] = [],
): Promise<Subject & { readonly server: Server }> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const namespace = await createTestNamespace();
  const connection = await NativeConnection.connect({ address: namespace.address });
  const log = new ActivityLog();
  const workflowsPath = require.resolve('@fleet/durable-executor/conformance/temporal-workflows');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const worker = await createWorker({
    config: { queue: 'standard', settings: TASK_QUEUES.standard, host: '127.0.0.1', databaseUrl: '' },
    connection,
    namespace: namespace.namespace,
    identity: 'standard@spec',
    bundle: { code },
    activities: conformanceActivities(log) as unknown as Activities,
    metrics: createActivityMetrics(createMetrics({ queue: 'spec' })),
    workerSideRate: undefined,
  });
  const running = worker.run();
  const server = openServer({ env: namespace.env });
  const executor = createTemporalExecutor({ client: server, workflows: CONFORMANCE_WORKFLOWS, hooks });
  const stop = async (): Promise<void> => {
    await executor.close();
    worker.shutdown();
    await running;
    await server.close();
    await connection.close();
  };
  return { executor, log, server, stop };
}

// The temporal executor, on a plain worker of the SDK in the same process.
import { createTemporalExecutor } from '@fleet/durable-executor/temporal';
import { openServer } from '@fleet/temporal-client/server';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { QUEUE } from '../bare';
import { serveSteps } from './serve';
import { doStep, threeSteps } from './steps';

serveSteps(async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const { TEMPORAL_ADDRESS: address = '', TEMPORAL_NAMESPACE: namespace = '' } = process.env;
  const workflowsPath = require.resolve('./temporal-workflows');
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    namespace,
    taskQueue: QUEUE,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }),
    activities: { step: doStep },
    maxEagerActivityReservationsPerWorkflowTask: 0,
  });
  void worker.run();
  const executor = createTemporalExecutor({ client: openServer({ env: process.env }), workflows: [threeSteps] });
  return async ({ waitMs }) => (await executor.execute(threeSteps, { waitMs })).result();
});

// Measures, inside one process, the time from Worker.create to the end of a workflow that waits for a worker; prints
// milliseconds. With WORKFLOW_BUNDLE the workflows come from that file, else they are bundled, as in bare-worker.js.
const { Client, Connection } = require('@temporalio/client');
const { NativeConnection, Worker } = require('@temporalio/worker');
const activities = require('./bare-activities');

async function main() {
  const {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TASK_QUEUE,
    WORKFLOW_BUNDLE,
    WORKFLOW_ID,
  } = process.env;
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection: await Connection.connect({ address }), namespace });
  const start = performance.now();
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUE,
    ...(WORKFLOW_BUNDLE
      ? { workflowBundle: { codePath: WORKFLOW_BUNDLE } }
      : { workflowsPath: require.resolve('./bare-workflows') }),
    activities,
    maxEagerActivityReservationsPerWorkflowTask: 0,
  });
  const result = client.workflow.getHandle(WORKFLOW_ID).result();
  await worker.runUntil(result.then(() => process.stdout.write(`${performance.now() - start}\n`)));
}

main().then(
  () => process.exit(0),
  (error) => (console.error(error), process.exit(1)),
);

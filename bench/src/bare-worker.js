// What the fleet is measured against: the worker that everybody writes first, with nothing around it.
const { NativeConnection, Worker } = require('@temporalio/worker');
const activities = require('./bare-activities');

async function main() {
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TASK_QUEUE, ACTIVITIES_PER_SECOND } = process.env;
  const connection = await NativeConnection.connect({ address: TEMPORAL_ADDRESS });
  const worker = await Worker.create({
    connection,
    namespace: TEMPORAL_NAMESPACE,
    taskQueue: TASK_QUEUE,
    workflowsPath: require.resolve('./bare-workflows'),
    activities,
    maxEagerActivityReservationsPerWorkflowTask: 0,
    maxTaskQueueActivitiesPerSecond: ACTIVITIES_PER_SECOND ? Number(ACTIVITIES_PER_SECOND) : undefined,
  });
  await worker.run();
}

main().then(
  () => process.exit(0),
  (error) => (console.error(error), process.exit(1)),
);

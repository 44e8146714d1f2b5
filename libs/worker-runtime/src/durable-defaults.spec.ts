import { createExecutor } from '@fleet/durable-executor';
import { steps } from '@fleet/durable-executor/conformance';
import { startPortableWorker } from './test-portable-worker';

type Time = { readonly seconds?: unknown; readonly nanos?: number };

/** What the tests read of an event. */
interface Told {
  readonly taskQueue?: { readonly name?: string };
  readonly workflowExecutionTimeout?: Time;
  readonly startToCloseTimeout?: Time;
  readonly retryPolicy?: {
    readonly maximumAttempts?: number;
    readonly backoffCoefficient?: number;
    readonly initialInterval?: Time;
    readonly maximumInterval?: Time;
  };
}

let fleet: Awaited<ReturnType<typeof startPortableWorker>>;

beforeAll(async () => {
  fleet = await startPortableWorker();
}, 120_000);
afterAll(() => fleet.stop(), 60_000);

/** The first event of a kind, as the server has it. */
async function told(id: string, kind: string): Promise<Told> {
  const { events } = await fleet.server.client.workflow.getHandle(id).fetchHistory();
  return (events ?? []).map((event) => (event as Record<string, unknown>)[kind]).find(Boolean) as Told;
}

test('queue, time-outs and retries are the defaults on the server', async () => {
  const handle = await fleet.executor.execute(steps, { from: 1 });
  await handle.result();
  const started = await told(handle.id, 'workflowExecutionStartedEventAttributes');
  expect([started.taskQueue?.name, Number(started.workflowExecutionTimeout?.seconds)]).toEqual(['standard', 600]);
  const { startToCloseTimeout, retryPolicy } = await told(handle.id, 'activityTaskScheduledEventAttributes');
  expect(Number(startToCloseTimeout?.seconds)).toBe(300);
  expect([retryPolicy?.maximumAttempts, retryPolicy?.backoffCoefficient]).toEqual([3, 2]);
  const intervals = [retryPolicy?.initialInterval?.nanos, Number(retryPolicy?.maximumInterval?.seconds)];
  expect(intervals).toEqual([100_000_000, 10]);
});

test('queue and time-out are what the registry of executors was told', async () => {
  const options = { client: fleet.server, workflows: [steps], taskQueue: 'background', defaultTimeout: '1 h' };
  const executor = createExecutor('temporal', options);
  const { id } = await executor.execute(steps, { from: 1 });
  const { taskQueue, workflowExecutionTimeout } = await told(id, 'workflowExecutionStartedEventAttributes');
  expect([taskQueue?.name, Number(workflowExecutionTimeout?.seconds)]).toEqual(['background', 3_600]);
  await executor.terminate(id);
  await executor.close();
});

import type { Activities } from '@fleet/activities';
import { createExecutor } from '@fleet/durable-executor';
import {
  ActivityLog,
  CONFORMANCE_WORKFLOWS,
  conformanceActivities,
  describeExecutor,
  sleeping,
  steps,
} from '@fleet/durable-executor/conformance';
import { createTemporalExecutor } from '@fleet/durable-executor/temporal';
import { TASK_QUEUES } from '@fleet/task-queues';
import { createMetrics } from '@fleet/telemetry';
import { openServer, type Server } from '@fleet/temporal-client/server';
import { createTestNamespace } from '@fleet/temporal-client/test-namespace';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createActivityMetrics } from './activity-metrics';
import { createWorker } from './create-worker';

let client: Server;

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

// The worker of the fleet itself, with its interceptors: one activity serves both executors.
describeExecutor({
  name: 'temporal',
  async start(hooks) {
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
    client = openServer({ env: namespace.env });
    const executor = createTemporalExecutor({ client, workflows: CONFORMANCE_WORKFLOWS, hooks });
    const stop = async (): Promise<void> => {
      await executor.close();
      worker.shutdown();
      await running;
      await client.close();
      await connection.close();
    };
    return { executor, log, stop };
  },
  more(t) {
    it('a sleep of 24 h is a timer of 86,400 s on the server', async () => {
      const handle = await t.executor.execute(sleeping, { ms: '24 h' }, { timeout: '2 days' });
      const timers = async () => {
        const { history } = await client.connection.workflowService.getWorkflowExecutionHistory({
          namespace: client.namespace,
          execution: { workflowId: handle.id, runId: handle.runId },
        });
        return (history?.events ?? []).flatMap(
          ({ timerStartedEventAttributes: timer }) => timer?.startToFireTimeout ?? [],
        );
      };
      const end = Date.now() + 5_000;
      while ((await timers()).length === 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await timers()).map(({ seconds }) => Number(seconds))).toEqual([86_400]);
      await t.executor.terminate(handle.id);
    });

    it('queue, time-outs and retries are the defaults, or what is said', async () => {
      const told = async (id: string) => {
        const { events } = await client.client.workflow.getHandle(id).fetchHistory();
        const of = (key: string): Told =>
          (events ?? []).map((event) => (event as Record<string, unknown>)[key]).find(Boolean) as Told;
        return [of('workflowExecutionStartedEventAttributes'), of('activityTaskScheduledEventAttributes')] as const;
      };
      const handle = await t.executor.execute(steps, { from: 1 });
      await handle.result();
      const [started, scheduled] = await told(handle.id);
      expect([started.taskQueue?.name, Number(started.workflowExecutionTimeout?.seconds)]).toEqual(['standard', 600]);
      expect(Number(scheduled.startToCloseTimeout?.seconds)).toBe(300);
      const { retryPolicy } = scheduled;
      expect([retryPolicy?.maximumAttempts, retryPolicy?.backoffCoefficient]).toEqual([3, 2]);
      expect([retryPolicy?.initialInterval?.nanos, Number(retryPolicy?.maximumInterval?.seconds)]).toEqual([
        100_000_000, 10,
      ]);
      const options = { client, workflows: [steps], taskQueue: 'background', defaultTimeout: '1 h' };
      const other = createExecutor('temporal', options);
      const { id } = await other.execute(steps, { from: 1 });
      const [elsewhere] = await told(id);
      const { taskQueue, workflowExecutionTimeout } = elsewhere;
      expect([taskQueue?.name, Number(workflowExecutionTimeout?.seconds)]).toEqual(['background', 3_600]);
      await other.terminate(id);
      await other.close();
    });

    it('what Temporal cannot do is an error, not silence (fault 2)', async () => {
      const state = { id: 'x', runId: 'x', workflow: 'steps', status: 'running', owner: 'local', input: null } as const;
      const saving = t.executor.store.save({ ...state, createdAt: new Date(), version: 0 });
      await expect(saving).rejects.toMatchObject({ code: 'not_supported' });
    });
  },
});

import { ApplicationFailure, Context } from '@temporalio/activity';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { WORKER_HEARTBEAT_MS } from '../liveness';
import { ownerFromHeaders } from '../owner-header';
import type { TestNamespace } from '../test-namespace';

/** A real worker on one queue of a test's namespace. */
export interface RunningWorker {
  /** Owners of the activities it ran, in order. */
  readonly owners: string[];
  stop(): Promise<void>;
}

let installed = false;

function install(): void {
  if (installed) return;
  installed = true;
  // Failures and cancellations are what these tests are about; only errors are news.
  Runtime.install({
    workerHeartbeatInterval: WORKER_HEARTBEAT_MS,
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'off', forward: {} } },
  });
}

export async function startWorker({ address, namespace }: TestNamespace, taskQueue: string): Promise<RunningWorker> {
  install();
  const owners: string[] = [];
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowsPath: require.resolve('./workflows.ts'),
    activities: { probe, cleanUpArtifacts },
    shutdownGraceTime: '1 second',
    interceptors: {
      activity: [
        () => ({
          inbound: {
            execute: (input, next) => {
              owners.push(ownerFromHeaders(input.headers));
              return next(input);
            },
          },
        }),
      ],
    },
  });
  const ended = worker.run();
  return {
    owners,
    async stop() {
      worker.shutdown();
      await ended;
      await connection.close();
    },
  };
}

async function probe({ durationMs = 0 }: { durationMs?: number }): Promise<unknown> {
  const context = Context.current();
  const startedAt = Date.now();
  context.heartbeat({ done: 0.5 });
  while (Date.now() - startedAt < durationMs) {
    await context.sleep(Math.min(100, durationMs));
    context.heartbeat({ done: 0.5 });
  }
  return { startedAt, finishedAt: Date.now(), attempt: context.info.attempt, pid: process.pid };
}

async function cleanUpArtifacts({ batchSize }: { batchSize?: number }): Promise<unknown> {
  if (batchSize === 13) throw ApplicationFailure.nonRetryable('the filter said no', 'content_rejected');
  return { deleted: 0, bytes: 0 };
}

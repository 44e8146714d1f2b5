import { randomUUID } from 'node:crypto';
import { REGISTRY } from '@fleet/workflow-registry';
import type { ActivityHandle, ActivityOptions, Client } from '@temporalio/client';

/** Starts `probeSteps` and waits for its result: one workflow task and one activity more for each step. */
export async function runSteps(client: Client, taskQueue: string, steps: number): Promise<void> {
  await client.workflow.execute('probeSteps', {
    workflowId: randomUUID(),
    taskQueue,
    args: [{ steps, durationMs: 0 }],
  });
}

/** Starts the job `probe` as the fleet's client does, with the registry's times: a standalone activity, no workflow. */
export function startProbe(client: Client, taskQueue: string, durationMs = 0): Promise<ActivityHandle> {
  return client.activity.start('probe', probeOptions(taskQueue, durationMs));
}

/** {@link startProbe}, and waits for its result. */
export async function runProbe(client: Client, taskQueue: string): Promise<void> {
  await client.activity.execute('probe', probeOptions(taskQueue, 0));
}

function probeOptions(taskQueue: string, durationMs: number): ActivityOptions {
  const { timeouts, retry } = REGISTRY.probe;
  return {
    id: randomUUID(),
    taskQueue,
    startToCloseTimeout: timeouts.startToCloseMs,
    heartbeatTimeout: timeouts.heartbeatMs,
    retry: {
      maximumAttempts: retry.attempts,
      initialInterval: retry.initialMs,
      backoffCoefficient: retry.backoff,
      maximumInterval: retry.maximumMs,
    },
    args: [{ durationMs }],
  };
}

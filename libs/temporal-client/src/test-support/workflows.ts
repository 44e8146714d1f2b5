import { ApplicationFailure, condition, continueAsNew, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import { progressQuery } from '@fleet/workflow-registry/messages';

// Stand-ins under the registry's names: what the client sees of a run depends on these, not on what the real ones do.

interface Steps {
  readonly steps?: number;
  readonly durationMs?: number;
}

const { probe } = proxyActivities<{ probe(input: Steps): Promise<unknown> }>({
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '50ms', maximumAttempts: 2 },
});

/** Runs probes one after the other; 99 steps waits for ever, 98 continues as new, 97 fails. */
export async function probeSteps({ steps = 1, durationMs = 0 }: Steps): Promise<unknown> {
  let completed = 0;
  setHandler(progressQuery, () => ({ step: 'probe', completed, total: steps }));
  if (steps === 99) await condition(() => false);
  if (steps === 98) await continueAsNew<typeof probeSteps>({ steps: 1, durationMs });
  if (steps === 97) throw ApplicationFailure.nonRetryable('no header line', 'invalid_csv');
  const probes: unknown[] = [];
  for (; completed < steps; completed++) probes.push(await probe({ durationMs }));
  return { probes };
}

/** Sleeps a little, so that it can be found running. */
export async function dailyMaintenance(): Promise<unknown> {
  await sleep(300);
  return { cleanUp: { deleted: 0, bytes: 0 }, approvals: { settled: 0 } };
}

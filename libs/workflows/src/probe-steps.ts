import type { Activities, Proxied } from '@fleet/activities';
import {
  progressQuery,
  type ProbeOutput,
  type ProbeStepsInput,
  type ProbeStepsOutput,
} from '@fleet/workflow-registry/messages';
import { proxyActivities } from '@temporalio/workflow';
import { trackProgress } from './progress';

const { probe } = proxyActivities<Proxied<Activities>>({
  startToCloseTimeout: '11 minutes',
  heartbeatTimeout: '3 s',
  retry: { initialInterval: '500 ms', maximumInterval: '10 s', maximumAttempts: 5 },
});

/** Runs probes one after the other, each on the workflow's own queue. */
export async function probeSteps(input: ProbeStepsInput): Promise<ProbeStepsOutput> {
  const steps = Array.from({ length: input.steps ?? 3 }, (_, index) => `probe ${index + 1}`);
  const at = trackProgress(progressQuery, steps);
  const probes: ProbeOutput[] = [];
  for (const step of steps) {
    at(step);
    probes.push(await probe({ durationMs: input.durationMs ?? 0 }));
  }
  at('done');
  return { probes };
}

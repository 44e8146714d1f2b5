import { proxyActivities, setHandler, defineQuery } from '@temporalio/workflow';

const activities = proxyActivities<{ probe(input: { durationMs?: number }): Promise<unknown> }>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
});

/** Stands in for the fleet's workflow of that name: as many probes as asked for, and its progress. */
export async function probeSteps(input: { steps?: number; durationMs?: number }): Promise<{ probes: unknown[] }> {
  const total = input.steps ?? 3;
  const probes: unknown[] = [];
  setHandler(defineQuery('progress'), () => ({ step: 'probe', completed: probes.length, total }));
  while (probes.length < total) probes.push(await activities.probe({ durationMs: input.durationMs ?? 0 }));
  return { probes };
}

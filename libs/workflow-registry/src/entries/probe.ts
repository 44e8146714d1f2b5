import { z } from 'zod';
import { TASK_QUEUE_NAMES } from '@fleet/task-queues';
import { job, workflow } from '../entry';
import type { ProbeInput, ProbeOutput, ProbeStepsInput, ProbeStepsOutput } from '../messages';

const durationMs = z.number().int().min(0).max(600_000).optional();
const stamps = z.object({ startedAt: z.number(), finishedAt: z.number(), attempt: z.number(), pid: z.number() });

export const probe = job<ProbeInput, ProbeOutput>({
  description: 'Waits and says when and where it ran: measures the slots, rate and drain of a queue.',
  queue: 'standard',
  allowedQueues: TASK_QUEUE_NAMES,
  version: 1,
  timeouts: { startToCloseMs: 11 * 60_000, heartbeatMs: 3000 },
  retry: { attempts: 5, initialMs: 500, backoff: 2, maximumMs: 10_000 },
  input: z.strictObject({ durationMs }),
  output: stamps,
  example: { durationMs: 1000 },
});

export const probeSteps = workflow<ProbeStepsInput, ProbeStepsOutput>({
  description: 'Runs probes one after the other in a workflow: measures workflow tasks as well.',
  queue: 'standard',
  allowedQueues: TASK_QUEUE_NAMES,
  version: 1,
  timeouts: { executionMs: 24 * 3_600_000 },
  signals: [],
  queries: ['progress'],
  input: z.strictObject({ durationMs, steps: z.number().int().min(0).max(100).optional() }),
  output: z.object({ probes: z.array(stamps) }),
  example: { steps: 3, durationMs: 100 },
});

import { z } from 'zod';
import { job, workflow } from '../entry';
import type {
  MonitorRunInput,
  MonitorRunOutput,
  MonitorSearchInput,
  PreviewMonitorInput,
  PreviewMonitorOutput,
} from '../messages';
import { modelName } from './chat-parts';

const id = z.string().min(1).max(100);
const url = z.string().min(1).max(8192);
const phrase = z.string().trim().min(1).max(500);

/** Which provider searches for a monitor, and what it is told. */
export const monitorSearch: z.ZodType<MonitorSearchInput> = z.discriminatedUnion('provider', [
  z.strictObject({
    provider: z.literal('http'),
    urls: z.array(url).min(1).max(5),
    contains: phrase.optional(),
    absent: phrase.optional(),
  }),
  z.strictObject({ provider: z.literal('llm'), urls: z.array(url).max(5).optional(), model: modelName.optional() }),
]);

const outcome = {
  summary: z.string(),
  stateHash: z.string(),
  conditionMet: z.boolean(),
  nextRunAt: z.number().nullable().optional(),
};

export const monitor = workflow<MonitorRunInput, MonitorRunOutput>({
  description: 'One run of a monitor: searches, compares with the last run, and tells people once.',
  queue: 'scheduled',
  allowedQueues: ['scheduled'],
  version: 1,
  // Less than the 30 minutes after which a run that is open is taken for lost.
  timeouts: { executionMs: 25 * 60_000 },
  signals: [],
  queries: ['progress'],
  internal: true,
  // An execution runs once: a retry is a run of its own.
  again: ({ monitorId }) => ({ monitorId }),
  input: z.strictObject({ monitorId: id, executionId: id.optional() }),
  output: z.object({
    ...z.object(outcome).partial().shape,
    monitorId: z.string(),
    executionId: z.string().optional(),
    status: z.enum(['success', 'skipped']),
    changed: z.boolean().optional(),
    comparison: z.enum(['baseline', 'hash', 'meaning']).optional(),
    notified: z.array(z.enum(['email', 'webhook'])),
    reason: z.string(),
  }),
  example: { monitorId: 'mon_0123456789abcdefghjk' },
});

export const previewMonitor = job<PreviewMonitorInput, PreviewMonitorOutput>({
  description: 'What a monitor would see now; nothing is kept.',
  queue: 'standard',
  allowedQueues: ['standard'],
  version: 1,
  timeouts: { startToCloseMs: 60_000, heartbeatMs: 10_000 },
  // Somebody waits for it, and can ask again.
  retry: { attempts: 1, initialMs: 1000, backoff: 2, maximumMs: 30_000 },
  internal: true,
  input: z.strictObject({
    query: z.string().trim().min(10).max(500),
    condition: z.string().trim().min(10).max(500),
    search: monitorSearch,
  }),
  output: z.object({ ...outcome, state: z.string() }),
  example: {
    query: 'Is there a new release of the project?',
    condition: 'The page names a version later than 1.0.',
    search: { provider: 'http', urls: ['https://example.com/releases'] },
  },
});

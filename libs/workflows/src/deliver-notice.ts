import type { Activities, Proxied } from '@fleet/activities';
import { progressQuery, type DeliverNoticeInput, type DeliverNoticeOutput } from '@fleet/workflow-registry/messages';
import { proxyActivities, sleep } from '@temporalio/workflow';
import { trackProgress } from './progress';

// A try that fails comes back as a result. What is tried again here is a worker that was lost or a Postgres that is away,
// for as long as it takes: the notice is owed.
const { sendNotice } = proxyActivities<Proxied<Activities>>({
  startToCloseTimeout: '60 s',
  heartbeatTimeout: '5 s',
  retry: { initialInterval: '1 s', maximumInterval: '30 s' },
});

/** Pauses after a failed try, in milliseconds; after the last there is one more try. */
const PAUSES_MS = [60_000, 300_000, 900_000];

/** Sends one notice. A receiver that is slow or down holds up nobody but this workflow. */
export async function deliverNotice({ noticeId }: DeliverNoticeInput): Promise<DeliverNoticeOutput> {
  const tries = ['try 1', 'try 2', 'try 3', 'try 4'];
  const at = trackProgress(progressQuery, tries);
  for (let index = 0; ; index += 1) {
    at(tries[index] ?? 'done');
    const nextTryMs = PAUSES_MS[index];
    const { retryable, ...outcome } = await sendNotice({ noticeId, nextTryMs });
    if (!retryable || nextTryMs === undefined) {
      at('done');
      return outcome;
    }
    await sleep(nextTryMs);
  }
}

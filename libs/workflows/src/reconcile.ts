import type { Activities, Proxied } from '@fleet/activities';
import { progressQuery, type ReconcileInput, type ReconcileOutput } from '@fleet/workflow-registry/messages';
import { proxyActivities } from '@temporalio/workflow';
import { trackProgress } from './progress';
import { startDelivery } from './start-delivery';

const { findUnsent, notifyMonitor, reapExecutions, reconcileSchedules } = proxyActivities<Proxied<Activities>>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '10 s',
  retry: { maximumAttempts: 3 },
});

/** Runs by a schedule, when the fleet starts, and whenever somebody asks for it. Twice at once does no harm. */
export async function reconcile(input: ReconcileInput): Promise<ReconcileOutput> {
  const { dryRun = false } = input;
  const at = trackProgress(progressQuery, ['executions', 'notices', 'schedules']);
  // First the runs: closing one names the next, which is then written with the rest.
  const abandoned = await reapExecutions(input);
  at('notices');
  const unsent = await findUnsent(input);
  const overdue = [...unsent.notices];
  for (const executionId of dryRun ? [] : unsent.executions) {
    const { notices } = await notifyMonitor({ executionId });
    overdue.push(...notices.map((notice) => ({ ...notice, executionId })));
  }
  if (!dryRun) await startDelivery(overdue);
  at('schedules');
  const { withoutSchedule, ...schedules } = await reconcileSchedules(input);
  at('done');
  const ids = [...unsent.executions, ...unsent.notices.map(({ noticeId }) => noticeId)];
  return {
    dryRun,
    schedules,
    monitors: { withoutSchedule },
    notices: { unsent: { count: ids.length, ids: ids.slice(0, 100) } },
    executions: { abandoned },
  };
}

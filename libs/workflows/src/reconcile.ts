import type { Activities, Proxied } from '@fleet/activities';
import { progressQuery, type ReconcileInput, type ReconcileOutput } from '@fleet/workflow-registry/messages';
import { proxyActivities } from '@temporalio/workflow';
import { trackProgress } from './progress';

const { reapExecutions, reconcileSchedules } = proxyActivities<Proxied<Activities>>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '10 s',
  retry: { maximumAttempts: 3 },
});

/** Runs by a schedule, when the fleet starts, and whenever somebody asks for it. Twice at once does no harm. */
export async function reconcile({ dryRun = false, openMinutes = 30 }: ReconcileInput): Promise<ReconcileOutput> {
  const at = trackProgress(progressQuery, ['executions', 'schedules']);
  // First the runs: closing one names the next, which is then written with the rest.
  const abandoned = await reapExecutions({ dryRun, openMinutes });
  at('schedules');
  const { withoutSchedule, ...schedules } = await reconcileSchedules({ dryRun, openMinutes });
  at('done');
  return { dryRun, schedules, monitors: { withoutSchedule }, executions: { abandoned } };
}

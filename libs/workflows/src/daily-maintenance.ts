import type { Activities, Proxied } from '@fleet/activities';
import {
  progressQuery,
  type DailyMaintenanceInput,
  type DailyMaintenanceOutput,
} from '@fleet/workflow-registry/messages';
import { proxyActivities } from '@temporalio/workflow';
import { trackProgress } from './progress';

const { cleanUpArtifacts, pruneRecords, settleAbandonedApprovals } = proxyActivities<Proxied<Activities>>({
  // The upkeep is background work wherever it is started from: rate and slots are that queue's.
  taskQueue: 'background',
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '10 s',
  retry: { maximumAttempts: 5 },
});

/** The nightly upkeep. Runs by a schedule; can also be started by hand. */
export async function dailyMaintenance(input: DailyMaintenanceInput): Promise<DailyMaintenanceOutput> {
  const at = trackProgress(progressQuery, ['cleanUp', 'approvals', 'prune']);
  const cleanUp = await cleanUpArtifacts({ olderThanDays: input.olderThanDays ?? 30 });
  at('approvals');
  const approvals = await settleAbandonedApprovals({});
  at('prune');
  const pruned = await pruneRecords({});
  at('done');
  return { cleanUp, approvals, pruned };
}

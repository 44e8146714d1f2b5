import type { Activities, Proxied } from '@fleet/activities';
import {
  progressQuery,
  type DailyMaintenanceInput,
  type DailyMaintenanceOutput,
} from '@fleet/workflow-registry/messages';
import { patched, proxyActivities } from '@temporalio/workflow';
import { trackProgress } from './progress';

const { cleanUpArtifacts, pruneRecords } = proxyActivities<Proxied<Activities>>({
  // The clean-up is background work wherever it is started from: its rate and slots are that queue's.
  taskQueue: 'background',
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '10 s',
  retry: { maximumAttempts: 5 },
});

/** The nightly upkeep. Runs by a schedule; can also be started by hand. */
export async function dailyMaintenance(input: DailyMaintenanceInput): Promise<DailyMaintenanceOutput> {
  const at = trackProgress(progressQuery, ['cleanUp', 'prune']);
  const cleanUp = await cleanUpArtifacts({ olderThanDays: input.olderThanDays ?? 30 });
  at('prune');
  // A run that began before there was anything to prune ends as it would have.
  const pruned = patched('prune-records') ? await pruneRecords({}) : undefined;
  at('done');
  return { cleanUp, ...(pruned && { pruned }) };
}

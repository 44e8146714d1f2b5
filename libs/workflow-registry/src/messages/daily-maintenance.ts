import type { SettleAbandonedApprovalsOutput } from './approval';
import type { CleanUpArtifactsOutput } from './clean-up-artifacts';
import type { PruneRecordsOutput } from './prune-records';

export interface DailyMaintenanceInput {
  /** Artefacts older than this many days are deleted. 1 to 3,650. Default 30. */
  readonly olderThanDays?: number | undefined;
}

export interface DailyMaintenanceOutput {
  readonly cleanUp: CleanUpArtifactsOutput;
  readonly approvals: SettleAbandonedApprovalsOutput;
  readonly pruned: PruneRecordsOutput;
}

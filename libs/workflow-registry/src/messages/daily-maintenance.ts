import type { SettleAbandonedApprovalsOutput } from './approval';
import type { CleanUpArtifactsOutput } from './clean-up-artifacts';

export interface DailyMaintenanceInput {
  /** Artefacts older than this many days are deleted. 1 to 3,650. Default 30. */
  readonly olderThanDays?: number | undefined;
}

export interface DailyMaintenanceOutput {
  readonly cleanUp: CleanUpArtifactsOutput;
  readonly approvals: SettleAbandonedApprovalsOutput;
}

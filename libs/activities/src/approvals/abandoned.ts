import { isFleetError } from '@fleet/errors';
import type { ApprovalCursor, PendingApproval, Store } from '@fleet/store';
import { terminatedOutcome, type SettleAbandonedApprovalsOutput } from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';

/** Asks Temporal how the latest run of a workflow stands; `unknown` when it has none of that id. */
export type AskTemporal = (workflowId: string) => Promise<'running' | 'ended' | 'unknown'>;

/** Requests looked at in one go. */
const PAGE = 100;
/** How long after its time a request may be open whose workflow nobody knows, milliseconds: its own time-out may be late. */
const UNKNOWN_MS = 86_400_000;

/**
 * Settles every open request whose workflow has ended without it, as `canceled` by termination. What is settled by
 * somebody else meanwhile stays as it is. Done again, or twice at once, it changes nothing.
 *
 * @throws FleetError `store_unavailable`, `temporal_unavailable`; the signal's reason between two requests.
 */
export async function settleAbandoned(
  approvals: Store['approvals'],
  askTemporal: AskTemporal,
  { signal, heartbeat }: ActivityScope,
): Promise<SettleAbandonedApprovalsOutput> {
  let settled = 0;
  let after: ApprovalCursor | undefined;
  for (;;) {
    const page = await approvals.listPending(after, PAGE);
    for (const pending of page) {
      signal.throwIfAborted();
      if (!(await isAbandoned(pending, askTemporal))) continue;
      if (await settle(approvals, pending.approval.id)) settled += 1;
    }
    after = page.at(-1)?.approval;
    if (page.length < PAGE) return { settled };
    heartbeat({ settled });
  }
}

async function isAbandoned({ approval, localStatus }: PendingApproval, askTemporal: AskTemporal): Promise<boolean> {
  if (localStatus !== null) return localStatus !== 'running';
  const stands = await askTemporal(approval.workflowId);
  // Of an executor on another store, or forgotten by Temporal: only time can tell.
  if (stands === 'unknown') return approval.expiresAt.getTime() + UNKNOWN_MS < Date.now();
  return stands === 'ended';
}

/** False when somebody else was first. */
async function settle(approvals: Store['approvals'], id: string): Promise<boolean> {
  try {
    await approvals.settle(id, terminatedOutcome(id, Date.now()));
    return true;
  } catch (error) {
    if (isFleetError(error) && error.code === 'approval_settled') return false;
    throw error;
  }
}

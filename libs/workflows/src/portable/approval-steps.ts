import type { OpenApprovalInput, OpenedApproval } from '@fleet/activities';
import { defineActivity, type ActivityOptions } from '@fleet/durable-executor/context';
import type { ApprovalOutcome } from '@fleet/workflow-registry/messages';

/** A store that is down is waited for: a request must be neither lost nor left open because Postgres restarted. */
const UNTIL_STORED: ActivityOptions = {
  startToClose: '30 s',
  heartbeat: '10 s',
  retry: { maximumAttempts: 100_000, initialInterval: 100, maximumInterval: '5 s' },
};

/** Writes the request down and asks the policy. */
export const openApproval = defineActivity<OpenApprovalInput, OpenedApproval>('openApproval', UNTIL_STORED);

/** Writes down how it was settled. */
export const settleApproval = defineActivity<ApprovalOutcome, void>('settleApproval', UNTIL_STORED);

/** Tells people that they are asked. */
export const notifyApproval = defineActivity<{ readonly approvalId: string }, void>('notifyApproval', {
  startToClose: '30 s',
  heartbeat: '10 s',
  retry: { maximumAttempts: 5, initialInterval: '500 ms', maximumInterval: '30 s' },
});

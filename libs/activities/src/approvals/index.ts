import type { Store } from '@fleet/store';
import type { ApprovalInput, ApprovalOutcome, SettleAbandonedApprovalsOutput } from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';
import { settleAbandoned, type AskTemporal } from './abandoned';
import type { Notifier } from './notifiers';
import type { ApprovalPolicy, Verdict } from './policy';

/** What the approval activities are handed. */
export interface ApprovalDependencies {
  readonly store: Pick<Store, 'approvals'>;
  readonly policy: ApprovalPolicy;
  readonly notifiers: readonly Notifier[];
  readonly askTemporal: AskTemporal;
}

/** A request and the run that waits for it. */
export interface OpenApprovalInput extends ApprovalInput {
  readonly runId: string;
}

/** A request that is written down. */
export interface OpenedApproval {
  readonly approvalId: string;
  /** What the policy says by itself; absent = a person decides. */
  readonly verdict?: Verdict | undefined;
}

/** As in the workflow. */
const DEFAULT_TIMEOUT_MS = 5 * 60_000;

/** The effects of human approval; the deciding itself is workflow code. */
export function createApprovalActivities({ store, policy, notifiers, askTemporal }: ApprovalDependencies) {
  return {
    /** Writes a request down, once per activity, and asks the policy. @throws FleetError `store_unavailable` */
    openApproval: async (input: OpenApprovalInput, scope: ActivityScope): Promise<OpenedApproval> => {
      scope.signal.throwIfAborted();
      const { id } = await store.approvals.open({
        ...input,
        key: scope.idempotencyKey,
        workflowId: scope.jobId,
        owner: scope.owner,
        type: input.type ?? 'approval',
        timeoutMs: input.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      });
      const verdict = policy(input);
      return { approvalId: id, ...(verdict && { verdict }) };
    },

    /**
     * Writes down how a request was settled, in its row and the audit log. Twice is once.
     *
     * @throws FleetError `approval_settled` when it was settled otherwise, `store_unavailable`
     */
    settleApproval: async (outcome: ApprovalOutcome, { signal }: ActivityScope): Promise<void> => {
      signal.throwIfAborted();
      await store.approvals.settle(outcome.approvalId, outcome);
    },

    /**
     * Tells people about a request. Whoever was told in an earlier attempt is not told again.
     *
     * @throws FleetError `webhook_refused`, `fetch_failed`, `fetch_timed_out`, `url_refused`, `store_unavailable`
     */
    notifyApproval: async ({ approvalId }: { readonly approvalId: string }, scope: ActivityScope): Promise<void> => {
      const row = await store.approvals.get(approvalId);
      const told = Array.isArray(scope.lastHeartbeat) ? (scope.lastHeartbeat as string[]) : [];
      for (const notifier of notifiers) {
        if (row.status !== 'pending' || told.includes(notifier.name)) continue;
        scope.signal.throwIfAborted();
        await notifier.notify(row, scope);
        told.push(notifier.name);
        scope.heartbeat([...told]);
      }
    },

    /**
     * Settles requests whose workflow was terminated or timed out, as `canceled` by termination, each once.
     *
     * @throws FleetError `store_unavailable`, `temporal_unavailable`
     */
    settleAbandonedApprovals: (
      _input: Readonly<Record<string, never>>,
      scope: ActivityScope,
    ): Promise<SettleAbandonedApprovalsOutput> => settleAbandoned(store.approvals, askTemporal, scope),
  };
}

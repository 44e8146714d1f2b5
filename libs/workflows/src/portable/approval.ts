import { FleetError } from '@fleet/errors';
import { defineUpdate, defineWorkflow, isCanceledError, type WorkflowContext } from '@fleet/durable-executor/context';
import {
  DECIDE_UPDATE,
  type ApprovalInput,
  type ApprovalOutcome,
  type Decision,
} from '@fleet/workflow-registry/messages';
import { notifyApproval, openApproval, settleApproval } from './approval-steps';
import { requireFitting, STATUS_OF } from './decision';

/** Time to decide unless the request says otherwise, milliseconds. */
export const DEFAULT_APPROVAL_MS = 5 * 60_000;

/** Decides a request. The first decision wins; every other one is rejected with `approval_settled`, naming the winner. */
export const decide = defineUpdate<Decision, ApprovalOutcome>(DECIDE_UPDATE);

/** How it was settled, but for the id, which is known once the request is written down. */
type Settled = Omit<ApprovalOutcome, 'approvalId'>;

/**
 * Asks a person and waits: for a decision, for the policy's own answer, or for the time to run out. Whichever is first is
 * noted in this one variable within one step of the workflow, so that nothing can come between; then it is written down
 * once, and only then told to whoever decided and returned.
 *
 * Start it with a timeout longer than the request's own, or the workflow ends before its request does.
 */
export const approval = defineWorkflow<ApprovalInput, ApprovalOutcome>('approval', async (context, input) => {
  const desk = openDesk(context, input);
  const request = { ...input, runId: context.info.runId };
  const { approvalId, verdict } = await context.nonCancellable(() => context.executeActivity(openApproval, request));
  if (verdict) desk.settle({ ...verdict, via: 'policy', decidedAt: context.now() });
  try {
    if (!desk.settled) await waitForDecision(context, input, approvalId, () => desk.settled !== undefined);
    desk.settle({ status: 'timed_out', via: 'timeout', by: 'timeout', decidedAt: context.now() });
  } catch (error) {
    if (!isCanceledError(error)) throw error;
    desk.settle({ status: 'canceled', via: 'cancellation', by: 'cancellation', decidedAt: context.now() });
    const outcome = await context.nonCancellable(() => desk.close(approvalId));
    // Decided before the cancellation came: the decision stands.
    if (outcome.via !== 'cancellation') return outcome;
    throw error;
  }
  return context.nonCancellable(() => desk.close(approvalId));
});

/** People are told beside the wait: a webhook that is slow or broken takes nobody's time to decide. */
async function waitForDecision(
  context: WorkflowContext,
  { timeoutMs = DEFAULT_APPROVAL_MS }: ApprovalInput,
  approvalId: string,
  isSettled: () => boolean,
): Promise<void> {
  context.executeActivity(notifyApproval, { approvalId }).catch(() => undefined);
  await context.waitUntil(isSettled, { timeout: timeoutMs });
}

interface Desk {
  /** Undefined until the first of them. */
  readonly settled: Settled | undefined;
  /** The first one wins, later ones change nothing. */
  settle(outcome: Settled): void;
  /** Writes the outcome down, and lets those who decided have their answer before the workflow ends. */
  close(approvalId: string): Promise<ApprovalOutcome>;
}

function openDesk(context: WorkflowContext, input: ApprovalInput): Desk {
  let settled: Settled | undefined;
  let written: ApprovalOutcome | undefined;
  let answering = 0;
  const settle = (outcome: Settled): void => void (settled ??= outcome);
  const requireOpen = (): void => {
    if (!settled) return;
    throw new FleetError('approval_settled', { id: context.info.workflowId, status: settled.status, by: settled.by });
  };
  context.onUpdate(decide, {
    validate(decision) {
      requireFitting(input.type ?? 'approval', decision);
      requireOpen();
    },
    async handle({ decision, by, comment, value }) {
      // An executor may validate several before it handles the first.
      requireOpen();
      const status = STATUS_OF[decision];
      const said = { ...(comment !== undefined && { comment }), ...(value !== undefined && { value }) };
      settle({ status, via: 'human', by, decidedAt: context.now(), ...said });
      answering += 1;
      await context.nonCancellable(() => context.waitUntil(() => written !== undefined));
      answering -= 1;
      return written as unknown as ApprovalOutcome;
    },
  });
  return {
    get settled() {
      return settled;
    },
    settle,
    async close(approvalId) {
      const outcome = { approvalId, ...(settled as Settled) };
      await context.executeActivity(settleApproval, outcome);
      written = outcome;
      await context.waitUntil(() => answering === 0);
      return outcome;
    },
  };
}

import type { ApprovalOutcome } from '@fleet/workflow-registry/messages';
import { Context } from '@temporalio/activity';
import type { TestGateway } from './gateway';
import { runningWorker, type RunningWorker } from './running-worker';

/** A real worker with the fleet's workflows, whose approval activities work on the gateway's own store. */
export async function startApprovalWorker(gateway: TestGateway): Promise<RunningWorker> {
  const { approvals } = gateway.store;
  return runningWorker(gateway, 'standard', {
    workflowsPath: require.resolve('@fleet/workflows'),
    activities: {
      async openApproval(input: {
        type?: 'input';
        action: string;
        summary: string;
        timeoutMs?: number;
        runId: string;
      }) {
        const { activityId, workflowExecution } = Context.current().info;
        const workflowId = workflowExecution?.workflowId ?? '';
        const common = { key: `${workflowId}/${activityId}`, workflowId, owner: 'local' } as const;
        const { id } = await approvals.open({ type: 'approval', timeoutMs: 60_000, ...input, ...common });
        return { approvalId: id };
      },
      settleApproval: async (outcome: ApprovalOutcome) => void (await approvals.settle(outcome.approvalId, outcome)),
      notifyApproval: async () => undefined,
    },
  });
}

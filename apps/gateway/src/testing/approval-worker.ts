import { setTimeout as sleep } from 'node:timers/promises';
import type { ApprovalOutcome } from '@fleet/workflow-registry/messages';
import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { TestGateway } from './gateway';

/** A real worker with the fleet's workflows, whose approval activities work on the gateway's own store. */
export async function startApprovalWorker(gateway: TestGateway): Promise<{ stop(): Promise<void> }> {
  const { approvals } = gateway.store;
  const connection = await NativeConnection.connect({ address: gateway.address });
  const worker = await Worker.create({
    connection,
    namespace: gateway.namespace,
    taskQueue: 'standard',
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
    shutdownGraceTime: 0,
    shutdownForceTime: '5 seconds',
  });
  const ended = worker.run();
  while (!(await gateway.client.hasPollers('standard'))) await sleep(200);
  return {
    async stop() {
      worker.shutdown();
      await ended.catch(() => undefined);
      await connection.close();
    },
  };
}

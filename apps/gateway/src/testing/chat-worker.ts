import { createChatActivities, routerFrom } from '@fleet/activities/chat';
import { Context } from '@temporalio/activity';
import type { Environment } from '../config';
import type { TestGateway } from './gateway';
import { runningWorker, type RunningWorker } from './running-worker';

/** A real worker of the queue of chats, with the fleet's workflows and the real activities on the gateway's own store. */
export async function startChatWorker(gateway: TestGateway, env: Environment): Promise<RunningWorker> {
  const { store } = gateway;
  const { chat, rankModels, logResult } = createChatActivities({ store, router: routerFrom(env, store) });
  return runningWorker(gateway, 'high', {
    workflowsPath: require.resolve('@fleet/workflows'),
    activities: {
      chat: (input: Parameters<typeof chat>[0]) => chat(input, scope()),
      rankModels: (input: Parameters<typeof rankModels>[0]) => rankModels(input, scope()),
      logResult: (input: Parameters<typeof logResult>[0]) => logResult(input, scope()),
    },
  });
}

/** What the fleet's own interceptor makes of an attempt. */
function scope() {
  const { info, cancellationSignal: signal, heartbeat } = Context.current();
  const { workflowExecution, activityId, attempt } = info;
  const jobId = workflowExecution?.workflowId ?? '';
  return {
    signal,
    heartbeat,
    attempt,
    jobId,
    owner: 'local',
    idempotencyKey: `${jobId}/${activityId}`,
    lastHeartbeat: null,
  };
}

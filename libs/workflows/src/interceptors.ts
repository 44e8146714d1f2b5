import { OWNER_HEADER } from '@fleet/workflow-registry/messages';
import type { Headers, WorkflowInterceptors } from '@temporalio/workflow';

/** Hands the owner a workflow was started with on to its activities and children. */
export function interceptors(): WorkflowInterceptors {
  let own: Headers = {};
  return {
    inbound: [
      {
        execute(input, next) {
          const owner = input.headers[OWNER_HEADER];
          if (owner) own = { [OWNER_HEADER]: owner };
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next({ ...input, headers: { ...own, ...input.headers } }),
        scheduleLocalActivity: (input, next) => next({ ...input, headers: { ...own, ...input.headers } }),
        startChildWorkflowExecution: (input, next) => next({ ...input, headers: { ...own, ...input.headers } }),
        continueAsNew: (input, next) => next({ ...input, headers: { ...own, ...input.headers } }),
      },
    ],
  };
}

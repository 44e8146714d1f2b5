import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild, WorkflowIdReusePolicy } from '@temporalio/workflow';
import type { NoticeChannel } from '@fleet/workflow-registry/messages';
import { deliverNotice } from './deliver-notice';

/** Of the workflow that delivers a notice, as its registry entry has it. */
const DELIVERY_TIMEOUT = '7 days';

/** Starts the delivery of notices, which outlives whoever starts it. One that is under way, or done, is left alone. */
export async function startDelivery(
  notices: readonly { readonly noticeId: string; readonly executionId: string; readonly channel: NoticeChannel }[],
): Promise<void> {
  for (const { noticeId, executionId, channel } of notices) {
    try {
      await startChild(deliverNotice, {
        workflowId: `notice/${executionId}/${channel}`,
        args: [{ noticeId }],
        taskQueue: 'standard',
        workflowExecutionTimeout: DELIVERY_TIMEOUT,
        parentClosePolicy: ParentClosePolicy.ABANDON,
        // A delivery that was terminated may be begun again: the notice itself says whether it was sent.
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}

import { FleetError, type ErrorCode } from '@fleet/errors';
import type { Failure } from './context';
import type { ClosedStatus } from './executor';

/** Statuses that `result()` throws for. */
export type UnsuccessfulStatus = Exclude<ClosedStatus, 'completed' | 'continued_as_new'>;

const CODES: Readonly<Record<UnsuccessfulStatus, ErrorCode>> = {
  failed: 'workflow_failed',
  canceled: 'workflow_canceled',
  terminated: 'workflow_terminated',
  timed_out: 'workflow_timed_out',
};

/** What `result()` throws for a workflow that ended otherwise than completed. */
export class WorkflowEndedError extends FleetError {
  constructor(
    readonly workflowId: string,
    readonly ended: UnsuccessfulStatus,
    readonly failure: Failure,
  ) {
    super(CODES[ended], { id: workflowId, type: failure.type, reason: failure.message });
  }
}

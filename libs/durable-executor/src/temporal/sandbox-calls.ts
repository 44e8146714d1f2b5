import {
  executeChild,
  isCancellation,
  proxyActivities,
  startChild,
  workflowInfo,
  type Workflow,
} from '@temporalio/workflow';
import {
  CanceledError,
  type ActivityDefinition,
  type ActivityOptions,
  type ChildOptions,
  type DetachedOptions,
  type WorkflowDefinition,
} from '../context';
import { resolveActivityOptions } from '../context/activity-options';
import { toPositiveMs } from '../context/duration';
import { toJson } from '../context/json';
import { retryOptions } from './sandbox-retry';
import { activityError, childError } from './sandbox-failures';

/** Longest time of a child that says nothing: the same as in process. */
const CHILD_TIMEOUT_MS = 10 * 60_000;

/** Runs an activity with its options mapped one to one. One async function and no more: the SDK takes a stack for each promise. */
export async function runActivity<Input, Output>(
  activity: ActivityDefinition<Input, Output>,
  input: Input,
  own?: ActivityOptions,
): Promise<Output> {
  const { name } = activity;
  const { startToCloseMs, heartbeatMs, retry, taskQueue } = resolveActivityOptions({ ...activity.options, ...own });
  toJson(input, `input of ${name}`);
  const activities = proxyActivities<Record<string, (input: Input) => Promise<Output>>>({
    startToCloseTimeout: startToCloseMs,
    ...(heartbeatMs !== undefined && { heartbeatTimeout: heartbeatMs }),
    ...(taskQueue !== undefined && { taskQueue }),
    cancellationType: 'TRY_CANCEL',
    retry: retryOptions(retry),
  });
  try {
    return await (activities[name] as (input: Input) => Promise<Output>)(input);
  } catch (error) {
    throw isCancellation(error) ? new CanceledError('cancelled') : activityError(name, error);
  }
}

/** Runs a child; it ends with its parent. */
export async function runChild<Input, Output>(
  child: WorkflowDefinition<Input, Output>,
  input: Input,
  { id, timeout = CHILD_TIMEOUT_MS }: ChildOptions = {},
): Promise<Output> {
  toJson(input, `input of ${child.name}`);
  const { memo } = workflowInfo();
  try {
    return (await executeChild<Workflow>(child.name, {
      args: [input],
      workflowExecutionTimeout: toPositiveMs(timeout, 'timeout'),
      ...(id !== undefined && { workflowId: id }),
      ...(memo && { memo }),
    })) as Output;
  } catch (error) {
    throw childError(error);
  }
}

/** Starts a workflow that its parent's end does not end. */
export async function runDetached<Input, Output>(
  workflow: WorkflowDefinition<Input, Output>,
  input: Input,
  { id, timeout = CHILD_TIMEOUT_MS }: DetachedOptions,
): Promise<void> {
  toJson(input, `input of ${workflow.name}`);
  const { memo } = workflowInfo();
  try {
    await startChild<Workflow>(workflow.name, {
      args: [input],
      workflowId: id,
      workflowExecutionTimeout: toPositiveMs(timeout, 'timeout'),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      parentClosePolicy: 'ABANDON',
      ...(memo && { memo }),
    });
  } catch (error) {
    if (!(error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')) throw childError(error);
  }
}

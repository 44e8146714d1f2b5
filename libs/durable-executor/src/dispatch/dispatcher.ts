import { ERRORS, FleetError, isFleetError, type ErrorCode } from '@fleet/errors';
import type { Duration, Failure, WorkflowDefinition } from '../context';
import type { DurableExecutor, WorkflowHandle, WorkflowOutcome } from '../executor';
import { untilAborted } from '../until-aborted';
import { WorkflowEndedError } from '../workflow-ended-error';

/** Options of `run`. */
export interface RunOptions {
  /** The same id again attaches to the workflow that has it, running or ended, wherever it runs. */
  readonly id: string;
  /** Longest time of the workflow. Default: the executor's. */
  readonly timeout?: Duration | undefined;
  /** Default `local`. */
  readonly owner?: string | undefined;
  /** Ends the wait: the workflow goes on, and the same id finds it again. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs workflows to their result for callers that wait. */
export interface Dispatcher {
  /**
   * @throws FleetError with the code that the workflow failed with, when that is in the table, and WorkflowEndedError as its
   * cause; else WorkflowEndedError itself. What `execute` throws and the signal's reason: the workflow may still run.
   */
  run<Input, Output>(workflow: WorkflowDefinition<Input, Output>, input: Input, options: RunOptions): Promise<Output>;
  /** Lets go of its timers. The executors are the caller's to close. */
  close(): void;
}

/** Dispatches to one executor, with nothing to fall back to. */
export function dispatchTo(executor: DurableExecutor): Dispatcher {
  return {
    run: async (workflow, input, options) => outputOf(options.id, await endOn(executor, workflow, input, options)),
    close: () => undefined,
  };
}

/** Starts a workflow, or attaches to the one that has the id, and waits for its end. */
export async function endOn<Input, Output>(
  executor: DurableExecutor,
  workflow: WorkflowDefinition<Input, Output>,
  input: Input,
  { id, timeout, owner, signal }: RunOptions,
): Promise<WorkflowOutcome<Output>> {
  const options = { id, ...(timeout !== undefined && { timeout }), ...(owner !== undefined && { owner }) };
  const handle = await untilAborted(signal, async (): Promise<WorkflowHandle<Output>> => {
    try {
      return await executor.execute(workflow, input, options);
    } catch (error) {
      if (isFleetError(error) && error.code === 'job_exists') return executor.getHandle(workflow, id);
      throw error;
    }
  });
  return handle.outcome({ signal });
}

/** The result of a workflow that ended. @throws what `run` throws for one that ended otherwise than completed. */
export function outputOf<Output>(id: string, end: WorkflowOutcome<Output>): Output {
  if (end.status === 'completed') return end.result;
  const ended = new WorkflowEndedError(id, end.status, end.failure);
  throw (end.status === 'failed' && tableError(end.failure, ended)) || ended;
}

/** How a workflow failed, as the error that was thrown in it; undefined when its type is not of the table. */
function tableError({ type, message }: Failure, cause: WorkflowEndedError): FleetError | undefined {
  if (!Object.hasOwn(ERRORS, type)) return undefined;
  const error = new FleetError(type as ErrorCode, {}, { cause });
  // The details that its message was made of stayed in the workflow.
  error.message = message;
  return error;
}

import type { DurableExecutor } from '@fleet/durable-executor';
import type { WorkflowDefinition } from '@fleet/durable-executor/context';
import { isFleetError } from '@fleet/errors';

/** Under which id and for whom a workflow runs. */
export interface RunOptions {
  readonly id: string;
  readonly owner: string;
}

/** Runs workflows to their end. */
export interface Dispatcher {
  /** The result. An id that runs already, or ran, is joined. @throws WorkflowEndedError, FleetError `store_unavailable` */
  run<Input, Output>(
    workflow: WorkflowDefinition<Input, Output>,
    input: Input,
    options: RunOptions,
  ): Promise<Output>;
}

/** Everything on one executor. */
export function dispatchTo(executor: DurableExecutor): Dispatcher {
  return {
    async run(workflow, input, options) {
      try {
        return await (await executor.execute(workflow, input, options)).result();
      } catch (error) {
        if (!isFleetError(error) || error.code !== 'job_exists') throw error;
        return (await executor.getHandle(workflow, options.id)).result();
      }
    },
  };
}

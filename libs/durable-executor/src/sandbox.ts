// Loaded by Temporal's workflow sandbox: imports the context and @temporalio/workflow, nothing else.
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  defineQuery,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Signal, WorkflowContext, WorkflowDefinition } from './context';
import { failureOf, isCanceledError } from './context/failure';
import { toJson } from './context/json';
import { SignalQueue, type BufferedSignal } from './context/signal-queue';
import { createSandboxContext, type SandboxRun } from './temporal/sandbox-context';

/** A Temporal workflow: what an index of workflows exports, under the name of the definition. */
export type TemporalWorkflow<Input, Output> = (input: Input, carried?: readonly BufferedSignal[]) => Promise<Output>;

/** What a signal carries besides its payload. A signal of another client may have none. */
interface SignalDetail {
  readonly sentAt?: number;
  readonly senderId?: string;
}

/**
 * Makes a portable workflow one of Temporal's: `export const approval = toTemporalWorkflow(approvalDefinition)`. The name
 * of the export must be that of the definition: it is what the executor starts.
 */
export function toTemporalWorkflow<Input, Output>(
  definition: WorkflowDefinition<Input, Output>,
): TemporalWorkflow<Input, Output> {
  return async (input, carried = []) => {
    const state: SandboxRun = { signals: new SignalQueue(), progress: null, canceled: false };
    for (const { name, signal } of carried) state.signals.deliver(name, signal);
    setDefaultSignalHandler((name, ...args) => state.signals.deliver(name, receivedSignal(args)));
    CancellationScope.current().cancelRequested.catch(() => (state.canceled = true));
    let result: Output | null = null;
    let status = 'running';
    setHandler(defineQuery('status'), () => status);
    setHandler(defineQuery('progress'), () => state.progress);
    setHandler(defineQuery('result'), () => result);
    const context: WorkflowContext = createSandboxContext(state);
    try {
      const output = await definition.run(context, input);
      toJson(output, `output of ${workflowInfo().workflowId}`);
      result = output ?? null;
      status = 'completed';
      return output;
    } catch (error) {
      throw endOf(error, state.canceled);
    }
  };
}

function receivedSignal([payload, detail]: readonly unknown[]): Signal<unknown> {
  const { sentAt = Date.now(), senderId = '' } = (detail ?? {}) as SignalDetail;
  return { payload, sentAt, senderId };
}

/** Anything but these would fail the workflow task for ever, instead of the workflow once. */
function endOf(error: unknown, canceled: boolean): unknown {
  if (error instanceof ContinueAsNew || error instanceof CancelledFailure) return error;
  if (isCanceledError(error) && canceled) return new CancelledFailure(error.message);
  const { type, message, retryable } = failureOf(error);
  return ApplicationFailure.create({ type, message, nonRetryable: true, details: [{ retryable }] });
}

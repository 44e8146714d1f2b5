import {
  CancellationScope,
  condition,
  defineQuery,
  defineUpdate,
  isCancellation,
  makeContinueAsNewFunc,
  setHandler,
  sleep,
  uuid4,
  workflowInfo,
  type Workflow,
} from '@temporalio/workflow';
import {
  CanceledError,
  type Duration,
  type Signal,
  type SignalDefinition,
  type SignalReceiver,
  type UpdateHandler,
  type WorkflowContext,
} from '../context';
import { decided } from '../context/decided';
import { toMilliseconds } from '../context/duration';
import { toJson } from '../context/json';
import type { SignalQueue } from '../context/signal-queue';
import { runActivity, runChild, runDetached } from './sandbox-calls';
import { applicationFailure } from './sandbox-failures';

/** What a run keeps beside its code. */
export interface SandboxRun {
  readonly signals: SignalQueue;
  progress: unknown;
  canceled: boolean;
}

/** The context on Temporal's own primitives: what they record is the journal. */
export function createSandboxContext(run: SandboxRun): WorkflowContext {
  const { workflowId, runId, workflowType: workflow, memo } = workflowInfo();
  return {
    info: { workflowId, runId, workflow, owner: typeof memo?.['owner'] === 'string' ? memo['owner'] : 'local' },
    cancellation: {
      get requested() {
        return run.canceled;
      },
      get reason() {
        return run.canceled ? 'cancelled' : undefined;
      },
    },
    executeActivity: runActivity,
    executeChild: (child, input, options) => cancelable(() => runChild(child, input, options)),
    startDetached: (work, input, options) => cancelable(() => runDetached(work, input, options)),
    receiveSignal: <Payload>(signal: SignalDefinition<Payload>) => createReceiver<Payload>(run, signal.name),
    onQuery: (query, handle) => setHandler(defineQuery<unknown, [never]>(query.name), (input) => handle(input)),
    onUpdate: (update, handler) => registerUpdate(update.name, handler),
    sleep: (duration) => cancelable(async () => sleep(toMilliseconds(duration, 'duration'))),
    waitUntil: ((isTrue: () => boolean, options?: { readonly timeout: Duration }) =>
      cancelable(async () =>
        options === undefined ? condition(isTrue) : waitFor(isTrue, options.timeout),
      )) as WorkflowContext['waitUntil'],
    now: () => Date.now(),
    uuid: () => uuid4(),
    random: () => Math.random(),
    progress: (value) => void (run.progress = value),
    continueAsNew: async (next, input) => {
      toJson(input, `input of ${workflowId}`);
      const unused = run.signals.unused();
      return makeContinueAsNewFunc<Workflow>({ workflowType: next.name })(
        input,
        ...(unused.length > 0 ? [unused] : []),
      );
    },
    nonCancellable: (work) => CancellationScope.nonCancellable(work),
  };
}

/** Temporal's word for a cancellation becomes the portable one. */
async function cancelable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isCancellation(error)) throw new CanceledError('cancelled');
    throw error;
  }
}

async function waitFor(isTrue: () => boolean, timeout: Duration): Promise<boolean> {
  const ms = toMilliseconds(timeout, 'timeout');
  // A condition with no time at all would be one without a time-out.
  return condition(isTrue, Math.max(1, ms));
}

function createReceiver<Payload>(run: SandboxRun, name: string): SignalReceiver<Payload> {
  const receive = (options?: { readonly timeout: Duration }) =>
    cancelable(() => nextSignal(run, name, options?.timeout));
  return {
    receive: receive as SignalReceiver<Payload>['receive'],
    async *[Symbol.asyncIterator]() {
      for (;;) yield (await receive()) as Signal<Payload>;
    },
  };
}

async function nextSignal(
  run: SandboxRun,
  name: string,
  timeout: Duration | undefined,
): Promise<Signal<unknown> | undefined> {
  const ms = timeout === undefined ? undefined : toMilliseconds(timeout, 'timeout');
  let received = run.signals.take(name);
  if (received !== undefined) return received;
  const stop = run.signals.wait(name, (signal) => void (received = signal));
  try {
    if (ms === undefined) await condition(() => received !== undefined);
    else await condition(() => received !== undefined, Math.max(1, ms));
    return received;
  } finally {
    stop();
  }
}

function registerUpdate<Input, Output>(name: string, { handle, validate }: UpdateHandler<Input, Output>): void {
  const handler = async (input: Input): Promise<Output> => {
    try {
      const output = await handle(input);
      toJson(output, `answer of update ${name}`);
      return output;
    } catch (error) {
      throw applicationFailure(error, { refused: false });
    }
  };
  const validator = (input: Input): void => {
    try {
      decided(validate?.(input));
    } catch (error) {
      throw applicationFailure(error, { refused: true });
    }
  };
  setHandler(defineUpdate<Output, [Input]>(name), handler, { validator });
}

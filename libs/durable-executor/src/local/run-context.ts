import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import {
  CanceledError,
  type ActivityDefinition,
  type ActivityOptions,
  type ChildOptions,
  type DetachedOptions,
  type Signal,
  type SignalDefinition,
  type SignalReceiver,
  type WorkflowContext,
  type WorkflowDefinition,
} from '../context';
import { toMilliseconds, type Duration } from '../context/duration';
import { toJson } from '../context/json';
import { activityCommand, childCommand, detachedCommand, timerCommand } from './commands';
import { ContinueAsNew } from './continue-as-new';
import type { WorkflowRun } from './run';

/** True within `nonCancellable`. Ambient, as on Temporal: clean-up code may call functions that know nothing of it. */
const shield = new AsyncLocalStorage<boolean>();

const isShielded = (): boolean => shield.getStore() === true;

/** The context of one run. */
export function createRunContext(run: WorkflowRun): WorkflowContext {
  const { id: workflowId, runId, workflow, owner } = run.run;
  return {
    info: { workflowId, runId, workflow, owner },
    cancellation: {
      get requested() {
        return run.cancelReason !== undefined;
      },
      get reason() {
        return run.cancelReason;
      },
    },
    executeActivity: <Input, Output>(
      activity: ActivityDefinition<Input, Output>,
      input: Input,
      own?: ActivityOptions,
    ) =>
      quiet(async () => {
        requireNotCanceled(run);
        return (await run.ask(activityCommand(run, activity.name, { ...activity.options, ...own }, input), isShielded())
          .answer) as Output;
      }),
    executeChild: <Input, Output>(child: WorkflowDefinition<Input, Output>, input: Input, options?: ChildOptions) =>
      quiet(async () => {
        requireNotCanceled(run);
        return (await run.ask(childCommand(run, child.name, input, options), isShielded()).answer) as Output;
      }),
    startDetached: <Input, Output>(work: WorkflowDefinition<Input, Output>, input: Input, options: DetachedOptions) =>
      quiet(async () => {
        requireNotCanceled(run);
        await run.ask(detachedCommand(run, work.name, input, options), isShielded()).answer;
      }),
    receiveSignal: <Payload>(signal: SignalDefinition<Payload>) => createReceiver<Payload>(run, signal.name),
    onQuery: (query, handle) => void run.queries.set(query.name, handle as (input: unknown) => unknown),
    onUpdate: (update, handler) => run.updates.register(update, handler),
    sleep: (duration) =>
      quiet(async () => {
        const ms = toMilliseconds(duration, 'duration');
        requireNotCanceled(run);
        await run.ask(timerCommand(run, ms), isShielded()).answer;
      }),
    waitUntil: ((isTrue: () => boolean, options?: { readonly timeout: Duration }) =>
      quiet(() => waitUntil(run, isTrue, options))) as WorkflowContext['waitUntil'],
    now: () => run.value('now', () => run.services.clock.now()) as number,
    uuid: () => run.value('uuid', () => randomUUID()) as string,
    random: () => run.value('random', () => Math.random()) as number,
    progress: (value) => void (run.progress = value),
    continueAsNew: async (next, input) => {
      throw new ContinueAsNew(next.name, toJson(input, `input of ${workflowId}`));
    },
    nonCancellable: (work) => shield.run(true, work),
  };
}

/** Code may let go of what it has asked for; that it is rejected later must not end the process. */
function quiet<Result>(work: () => Promise<Result>): Promise<Result> {
  const result = work();
  result.catch(() => undefined);
  return result;
}

function requireNotCanceled(run: WorkflowRun): void {
  if (run.cancelReason !== undefined && !isShielded()) throw new CanceledError(run.cancelReason);
}

function createReceiver<Payload>(run: WorkflowRun, name: string): SignalReceiver<Payload> {
  const receive = async (options?: { readonly timeout: Duration }): Promise<Signal<Payload> | undefined> => {
    const ms = options && toMilliseconds(options.timeout, 'timeout');
    requireNotCanceled(run);
    const received = run.signals.take(name) ?? (await nextSignal(run, name, ms));
    return received as Signal<Payload> | undefined;
  };
  return {
    receive: ((options?: { readonly timeout: Duration }) =>
      quiet(() => receive(options))) as SignalReceiver<Payload>['receive'],
    async *[Symbol.asyncIterator]() {
      for (;;) yield (await receive()) as Signal<Payload>;
    },
  };
}

function nextSignal(run: WorkflowRun, name: string, ms: number | undefined): Promise<Signal<unknown> | undefined> {
  return waitFor<Signal<unknown> | undefined>(run, ms, undefined, (resolve) => run.signals.wait(name, resolve));
}

async function waitUntil(
  run: WorkflowRun,
  isTrue: () => boolean,
  options?: { readonly timeout: Duration },
): Promise<boolean> {
  const ms = options && toMilliseconds(options.timeout, 'timeout');
  requireNotCanceled(run);
  if (isTrue()) return true;
  return waitFor(run, ms, false, (resolve, reject) => run.condition({ isTrue, resolve: () => resolve(true), reject }));
}

/** Whatever comes first: what is waited for, the time-out with its own answer, or a cancellation. */
function waitFor<Result>(
  run: WorkflowRun,
  ms: number | undefined,
  atTimeout: Result,
  listen: (resolve: (result: Result) => void, reject: (error: unknown) => void) => () => void,
): Promise<Result> {
  const shielded = isShielded();
  return new Promise((resolve, reject) => {
    const ends: (() => void)[] = [];
    const settle =
      <Value>(then: (value: Value) => void) =>
      (value: Value): void => {
        for (const end of ends) end();
        then(value);
      };
    ends.push(listen(settle(resolve), settle(reject)));
    ends.push(run.pending.wait({ shielded, reject: settle(reject) }));
    if (ms === undefined) return;
    // A cancellation ends the wait itself; the timer only follows.
    const { operation, answer } = run.ask(timerCommand(run, ms), true);
    ends.push(() => run.pending.take(operation)?.stop(undefined));
    void answer.then(() => settle(resolve)(atTimeout));
  });
}

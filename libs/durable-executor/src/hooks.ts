import type { Failure } from './context';
import type { ClosedStatus } from './executor';

/** The run that a hook is told about. */
export interface RunEvent {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflow: string;
}

/** An activity of a run. */
export interface ActivityEvent extends RunEvent {
  readonly activity: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/**
 * Told what happens, for logs and metrics. They are called without holding anything up: they may call the executor, and
 * what one throws is reported to `onError` and changes nothing else.
 */
export interface Hooks {
  onWorkflowStart?(event: RunEvent): void;
  onWorkflowComplete?(event: RunEvent & { readonly status: 'completed' | 'continued_as_new' }): void;
  onWorkflowFail?(
    event: RunEvent & {
      readonly status: Exclude<ClosedStatus, 'completed' | 'continued_as_new'>;
      readonly failure: Failure;
    },
  ): void;
  /** Once for each attempt. */
  onActivityStart?(event: ActivityEvent): void;
  onActivityComplete?(event: ActivityEvent): void;
  /** When an activity failed for good. */
  onActivityFail?(event: ActivityEvent & { readonly failure: Failure }): void;
  onSignal?(event: RunEvent & { readonly signal: string }): void;
  /** When an attempt failed and another follows; `attempt` is the one that failed. */
  onRetry?(event: ActivityEvent & { readonly failure: Failure; readonly delayMs: number }): void;
  /** What a hook or the store threw where no caller waits for it. Default: printed on standard error. */
  onError?(error: unknown): void;
}

type HookName = keyof Hooks;

const NAMES: readonly HookName[] = [
  'onWorkflowStart',
  'onWorkflowComplete',
  'onWorkflowFail',
  'onActivityStart',
  'onActivityComplete',
  'onActivityFail',
  'onSignal',
  'onRetry',
  'onError',
];

/** One set of hooks that calls each of the given ones, in their order: the first is the outermost. */
export function composeHooks(...all: readonly Hooks[]): Required<Hooks> {
  const report = (thrown: unknown): void => {
    const told = all.filter((hooks) => hooks.onError !== undefined);
    if (told.length === 0) process.stderr.write(`durable-executor: ${String(thrown)}\n`);
    for (const hooks of told) {
      try {
        const done: unknown = hooks.onError?.(thrown);
        if (done !== undefined) Promise.resolve(done).catch(() => undefined);
      } catch {
        // It had its chance.
      }
    }
  };
  const composed = NAMES.map((name) => {
    if (name === 'onError') return [name, report];
    return [name, (event: never) => callEach(all, name, event, report)];
  });
  return Object.fromEntries(composed) as Required<Hooks>;
}

function callEach(all: readonly Hooks[], name: HookName, event: never, report: (error: unknown) => void): void {
  for (const hooks of all) {
    try {
      // One that is asynchronous fits the type too, and a rejection that nobody hears of would end the process.
      const done: unknown = hooks[name]?.(event);
      if (done !== undefined) Promise.resolve(done).catch(report);
    } catch (error) {
      report(error);
    }
  }
}

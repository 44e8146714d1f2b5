import { errorText, isFleetError, type ErrorCode } from '@fleet/errors';
import type { WorkflowDefinition } from '../context';
import type { DurableExecutor, WorkflowOutcome } from '../executor';
import type { Breaker } from './breaker';
import { endOn, outputOf, type Dispatcher, type RunOptions } from './dispatcher';
import { Vigil } from './vigil';

/** A run that goes to the local executor. */
export interface FallbackEvent {
  readonly workflow: string;
  readonly id: string;
  /** Of the breaker, which was open, or of Temporal. */
  readonly reason: string;
  /** True: the breaker was open, as it was told to be when it changed; Temporal was not asked. */
  readonly unasked: boolean;
}

/** Options of `withFallback`. */
export interface FallbackOptions {
  /** Whether Temporal answers and a worker polls the queue: `() => client.hasPollers('high')`. Throws when it does not answer. */
  readonly ready: () => Promise<boolean>;
  readonly onFallback?: ((event: FallbackEvent) => void) | undefined;
}

/**
 * Runs workflows on Temporal, and on the local executor when Temporal does not work: it refuses connections, is silent, has
 * no worker, or loses what it was given, at the start or during the wait. Nothing else falls back: a workflow that failed
 * has failed, and a caller who left wants nothing more.
 *
 * Both may then run the same id. That is safe for workflows whose effects are claimed or written once, such as `chat`.
 */
export function withFallback(
  temporal: DurableExecutor,
  local: DurableExecutor,
  breaker: Breaker,
  { ready, onFallback }: FallbackOptions,
): Dispatcher {
  const vigil = new Vigil(ready);

  async function onTemporal<Input, Output>(
    workflow: WorkflowDefinition<Input, Output>,
    input: Input,
    options: RunOptions,
  ): Promise<WorkflowOutcome<Output>> {
    const watch = vigil.begin();
    const signal = options.signal ? AbortSignal.any([options.signal, watch.signal]) : watch.signal;
    try {
      return await endOn(temporal, workflow, input, { ...options, signal });
    } finally {
      watch.end();
    }
  }

  /** Undefined: Temporal does not work. @throws what is nobody's outage. */
  async function tryTemporal<Input, Output>(
    workflow: WorkflowDefinition<Input, Output>,
    input: Input,
    options: RunOptions,
  ): Promise<WorkflowOutcome<Output> | undefined> {
    const tell = (reason: string, unasked = false): void =>
      onFallback?.({ workflow: workflow.name, id: options.id, reason, unasked });
    if (breaker.state !== 'closed') {
      tell('the breaker is open', true);
      return undefined;
    }
    try {
      const end = await onTemporal(workflow, input, options);
      breaker.succeeded();
      return end;
    } catch (error) {
      if (options.signal?.aborted || !isOutage(error)) throw error;
      breaker.failed();
      tell(reasonOf(error));
      return undefined;
    }
  }

  return {
    async run(workflow, input, options) {
      const end = (await tryTemporal(workflow, input, options)) ?? (await endOn(local, workflow, input, options));
      return outputOf(options.id, end);
    },
    close() {
      vigil.close();
      breaker.close();
    },
  };
}

/** The cause says more than our message, save where that names the key or certificate that keeps us out. */
function reasonOf(error: unknown): string {
  const isRefusal = isFleetError(error) && error.code === 'temporal_refused';
  return errorText(isRefusal ? error : ((error as Error).cause ?? error));
}

const OUTAGES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'job_not_found',
  'temporal_refused',
  'temporal_unavailable',
]);

/** `job_not_found`: what was started a moment ago is not there any more, such as after a restart without its state. */
function isOutage(error: unknown): boolean {
  return isFleetError(error) && OUTAGES.has(error.code);
}

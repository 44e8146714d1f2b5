import { SpanStatusCode, trace, type Attributes, type Span, type Tracer } from '@opentelemetry/api';
import { errorText, isFleetError } from '@fleet/errors';
import type { DurableExecutor, WorkflowTarget } from './executor';

/** Adds something to an executor by wrapping it. */
export type ExecutorMiddleware = (executor: DurableExecutor) => DurableExecutor;

/** Wraps an executor: the first of the list is the outermost, called first and told last. */
export function applyMiddleware(
  executor: DurableExecutor,
  ...middleware: readonly ExecutorMiddleware[]
): DurableExecutor {
  return middleware.reduceRight((wrapped, wrap) => wrap(wrapped), executor);
}

/**
 * Spans `workflow.execute`, `workflow.signal`, `workflow.query`, `workflow.update` and `workflow.cancel` with the ids of the
 * workflow and its run. Nothing is exported unless the process has set up OpenTelemetry.
 *
 * @param tracer Default: that of `@fleet/durable-executor` of the process.
 */
export function tracing(tracer: Tracer = trace.getTracer('@fleet/durable-executor')): ExecutorMiddleware {
  const spanned = <Result>(
    name: string,
    attributes: Attributes,
    work: (span: Span) => Promise<Result>,
  ): Promise<Result> =>
    tracer.startActiveSpan(name, { attributes }, async (span) => {
      try {
        return await work(span);
      } catch (error) {
        span.recordException(error instanceof Error ? error : errorText(error));
        span.setStatus({ code: SpanStatusCode.ERROR, message: isFleetError(error) ? error.code : errorText(error) });
        throw error;
      } finally {
        span.end();
      }
    });
  return (executor) => ({
    store: executor.store,
    execute: (workflow, input, options = {}) =>
      spanned('workflow.execute', { 'workflow.name': workflow.name }, async (span) => {
        const handle = await executor.execute(workflow, input, options);
        span.setAttributes({ 'workflow.id': handle.id, 'workflow.run_id': handle.runId });
        return handle;
      }),
    getHandle: (workflow, target) => executor.getHandle(workflow, target),
    signal: (target, signal, payload, options) =>
      spanned('workflow.signal', { ...idsOf(target), 'workflow.signal.name': signal.name }, () =>
        executor.signal(target, signal, payload, options),
      ),
    query: (target, query, input) =>
      spanned('workflow.query', { ...idsOf(target), 'workflow.query.type': query.name }, () =>
        executor.query(target, query, input),
      ),
    update: (target, update, input, options) =>
      spanned('workflow.update', { ...idsOf(target), 'workflow.update.name': update.name }, () =>
        executor.update(target, update, input, options),
      ),
    cancel: (target, reason) => spanned('workflow.cancel', idsOf(target), () => executor.cancel(target, reason)),
    terminate: (target, reason) => executor.terminate(target, reason),
    history: (target) => executor.history(target),
    close: () => executor.close(),
  });
}

function idsOf(target: WorkflowTarget): Attributes {
  if (typeof target === 'string') return { 'workflow.id': target };
  return { 'workflow.id': target.id, ...(target.runId !== undefined && { 'workflow.run_id': target.runId }) };
}

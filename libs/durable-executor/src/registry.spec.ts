import { ManualClock } from './clock';
import { createExecutor, executors } from './executors';
import { resolveRetryPolicy, retryDelay } from './context/retry-policy';
import { createMemoryStore } from './stores/memory';
import { applyMiddleware, tracing } from './tracing';
import type { Span, Tracer } from '@opentelemetry/api';
import { add, go, idle } from './conformance/workflows';
import type { ExecutorMiddleware } from './tracing';

const code = (expected: string) => expect.objectContaining({ code: expected });

test('executors are made by name, and what is missing is an error', () => {
  expect(executors.list()).toEqual(['local', 'temporal']);
  expect(() => executors.register(' ', () => undefined as never)).toThrow(code('invalid_input'));
  expect(() => executors.register('local', () => undefined as never)).toThrow(code('executor_exists'));
  expect(() => createExecutor('dapr', {})).toThrow(/No executor is named "dapr"; there are: local, temporal/);
  expect(() => createExecutor('temporal', {})).toThrow(code('invalid_input'));
  expect(() => createExecutor('local', {})).toThrow(code('invalid_input'));
});

test('a workflow has 10 minutes, or what its executor or its start says', async () => {
  const store = createMemoryStore();
  const left = async (options: object, start: object): Promise<number> => {
    const executor = createExecutor('local', { store, workflows: [idle], clock: new ManualClock(0), ...options });
    const { id } = await executor.execute(idle, null, start);
    await executor.close();
    return (await store.find(id)).run.timeoutAt;
  };
  expect(await left({}, {})).toBe(600_000);
  expect(await left({ defaultTimeout: '1 h' }, {})).toBe(3_600_000);
  expect(await left({ defaultTimeout: '1 h' }, { timeout: '2 days' })).toBe(172_800_000);
});

test('the default policy waits 100, 200, ... at most 10,000 ms', () => {
  const policy = resolveRetryPolicy();
  expect(policy).toEqual({
    maximumAttempts: 3,
    initialMs: 100,
    backoffCoefficient: 2,
    maximumMs: 10_000,
    nonRetryable: [],
  });
  expect([1, 2, 3, 7, 8, 500].map((attempt) => retryDelay(policy, attempt))).toEqual([
    100, 200, 400, 6400, 10_000, 10_000,
  ]);
});

test('spans carry the ids, end with their call, and say what failed; the first middleware is the outermost', async () => {
  const spans: Record<string, unknown>[] = [];
  const tracer = {
    startActiveSpan(name: string, { attributes }: { attributes: object }, work: (span: Span) => unknown) {
      const span = { name, ...attributes } as Record<string, unknown>;
      spans.push(span);
      return work({
        setAttributes: (more: object) => void Object.assign(span, more),
        recordException: (error: Error) => void (span['error'] = error.message),
        setStatus: ({ message }: { message: string }) => void (span['status'] = message),
        end: () => void (span['ended'] = true),
      } as unknown as Span);
    },
  } as unknown as Tracer;
  const order: string[] = [];
  const noting =
    (who: string): ExecutorMiddleware =>
    (executor) => ({
      ...tracing(tracer)(executor),
      cancel: async (target) => (order.push(who), executor.cancel(target)),
    });
  const local = createExecutor('local', { store: createMemoryStore(), workflows: [idle] });
  const executor = applyMiddleware(local, noting('outer'), noting('inner'), tracing(tracer));
  const { id, runId } = await tracing(tracer)(local).execute(idle, null);
  await tracing(tracer)(local).signal({ id, runId }, go, 1);
  await expect(tracing(tracer)(local).update(id, add, 1)).rejects.toEqual(code('unknown_update'));
  await executor.cancel(id);
  await expect(tracing(tracer)(local).query('nosuch', { name: 'status' }, null)).rejects.toEqual(code('job_not_found'));
  expect(order).toEqual(['outer', 'inner']);
  expect(spans).toEqual([
    { name: 'workflow.execute', 'workflow.name': 'idle', 'workflow.id': id, 'workflow.run_id': runId, ended: true },
    { name: 'workflow.signal', 'workflow.id': id, 'workflow.run_id': runId, 'workflow.signal.name': 'go', ended: true },
    expect.objectContaining({ name: 'workflow.update', 'workflow.update.name': 'add', status: 'unknown_update' }),
    { name: 'workflow.cancel', 'workflow.id': id, ended: true },
    {
      name: 'workflow.query',
      'workflow.id': 'nosuch',
      'workflow.query.type': 'status',
      error: 'No job has the id nosuch',
      status: 'job_not_found',
      ended: true,
    },
  ]);
  await local.close();
});

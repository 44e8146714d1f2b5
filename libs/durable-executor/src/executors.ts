import type { DurableExecutor } from './executor';
import { createLocalExecutor, type LocalExecutor, type LocalExecutorOptions } from './executors/local';
import { createTemporalExecutor, type TemporalExecutorOptions } from './executors/temporal';
import { ExecutorRegistry, required } from './registry';

/** The executors of this lib by name: `local` and `temporal`. Others can be registered beside them. */
export const executors = new ExecutorRegistry()
  .register('local', (options: LocalExecutorOptions) => {
    if (!options.store) throw required('store');
    return createLocalExecutor(options);
  })
  .register('temporal', createTemporalExecutor);

/** @throws FleetError `unknown_executor`, and `invalid_input` for a missing store or client. */
export function createExecutor(name: 'local', options: LocalExecutorOptions): LocalExecutor;
export function createExecutor(name: 'temporal', options: TemporalExecutorOptions): DurableExecutor;
export function createExecutor(name: string, options: object): DurableExecutor;
export function createExecutor(name: string, options: object): DurableExecutor {
  return executors.create(name, options);
}

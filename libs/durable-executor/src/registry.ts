import { FleetError } from '@fleet/errors';
import type { DurableExecutor } from './executor';

/** Makes an executor from its options. */
export type ExecutorFactory<Options, Executor extends DurableExecutor = DurableExecutor> = (
  options: Options,
) => Executor;

/** Executors by name. */
export class ExecutorRegistry {
  private readonly factories = new Map<string, ExecutorFactory<never>>();

  /** @throws FleetError `invalid_input` for an empty name, `executor_exists`. */
  register<Options>(name: string, factory: ExecutorFactory<Options>): this {
    if (name.trim() === '') throw required('name');
    if (this.factories.has(name)) throw new FleetError('executor_exists', { name });
    this.factories.set(name, factory);
    return this;
  }

  /** @throws FleetError `unknown_executor`, and what the factory refuses. */
  create(name: string, options: object): DurableExecutor {
    const factory = this.factories.get(name) as ExecutorFactory<object> | undefined;
    if (factory) return factory(options);
    throw new FleetError('unknown_executor', {
      got: JSON.stringify(name.slice(0, 100)),
      names: this.list().join(', ') || 'none',
    });
  }

  /** The names, in alphabetical order. */
  list(): readonly string[] {
    return [...this.factories.keys()].toSorted();
  }
}

/** An option that was left out. */
export function required(field: string): FleetError {
  return new FleetError('invalid_input', { count: 1 }, { fields: [{ field, rule: 'is required' }] });
}

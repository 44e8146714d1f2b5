import type { UpdateDefinition, UpdateHandler } from '../context';
import { failureOf, type Failure } from '../context/failure';
import { decided } from '../context/decided';
import { toJson } from '../context/json';
import type { UpdateOutcome } from '../journal-store';

type AnyHandler = UpdateHandler<unknown, unknown>;

/** The update handlers of one run. */
export class UpdateDesk {
  private readonly handlers = new Map<string, AnyHandler>();

  register<Input, Output>(update: UpdateDefinition<Input, Output>, handler: UpdateHandler<Input, Output>): void {
    this.handlers.set(update.name, handler as AnyHandler);
  }

  /** Does what the update asks for. Never rejects. */
  async handle(name: string, input: unknown): Promise<UpdateOutcome> {
    try {
      const value = toJson(await this.handlers.get(name)?.handle(input), `answer of update ${name}`);
      return { state: 'completed', ...(value !== undefined && { value }) };
    } catch (error) {
      return { state: 'failed', failure: failureOf(error) };
    }
  }

  /** Why the update must not be taken; undefined when it may. */
  refusal(name: string, input: unknown): UpdateOutcome | undefined {
    const handler = this.handlers.get(name);
    if (handler === undefined) {
      const names = [...this.handlers.keys()].toSorted().join(', ') || 'none';
      return { state: 'unknown', failure: plain(names) };
    }
    try {
      decided(handler.validate?.(input));
      return undefined;
    } catch (error) {
      return { state: 'rejected', failure: failureOf(error) };
    }
  }
}

/** The names that exist, in the place where other outcomes have their reason. */
function plain(message: string): Failure {
  return { type: 'unknown_update', message, retryable: false };
}

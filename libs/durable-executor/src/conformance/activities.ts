import type { ActivityScope } from '@fleet/activities';

/** What the activities of one test run did. */
export class ActivityLog {
  readonly notes: string[] = [];
  /** Starts of attempts by key, epoch milliseconds, with their idempotency keys. */
  readonly attempts = new Map<
    string,
    { readonly at: number; readonly attempt: number; readonly idempotencyKey: string }[]
  >();
  readonly aborted: string[] = [];

  of(key: string) {
    return this.attempts.get(key) ?? [];
  }

  record(key: string, { attempt, idempotencyKey }: ActivityScope): void {
    this.attempts.set(key, [...this.of(key), { at: Date.now(), attempt, idempotencyKey }]);
  }
}

const ERRORS: Readonly<Record<string, ErrorConstructor>> = { RangeError, TypeError };

/** Activities of the conformance suite; the same functions run on every executor. */
export function conformanceActivities(log: ActivityLog) {
  return {
    echo: async (value: unknown): Promise<unknown> => value,
    note: async (text: string): Promise<null> => {
      log.notes.push(text);
      return null;
    },
    flaky: async (
      { key, failures, type = 'Error' }: { key: string; failures: number; type?: string },
      scope: ActivityScope,
    ) => {
      log.record(key, scope);
      if (scope.attempt <= failures) {
        throw new (ERRORS[type] ?? Error)(`failure ${scope.attempt}`);
      }
      return { attempt: scope.attempt, keys: log.of(key).map(({ idempotencyKey }) => idempotencyKey) };
    },
    slow: async ({ ms, key }: { ms: number; key: string }, scope: ActivityScope) => {
      log.record(key, scope);
      scope.heartbeat({ half: true });
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(resolve, ms);
        scope.signal.addEventListener('abort', () => {
          clearTimeout(timer);
          log.aborted.push(key);
          reject(scope.signal.reason as Error);
        });
      });
      return { attempt: scope.attempt };
    },
  };
}

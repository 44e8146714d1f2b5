import { FleetError } from '@fleet/errors';
import type { TaskQueueName, TaskQueueSettings } from '@fleet/task-queues';
import { taskQueuesFrom } from '@fleet/task-queues/overrides';
import { hostFrom } from '@fleet/telemetry/settings';

/** What a worker process is told by its environment, validated. */
export interface WorkerConfig {
  readonly queue: TaskQueueName;
  readonly settings: TaskQueueSettings;
  /** Where /healthz, /readyz and /metrics bind. */
  readonly host: string;
  readonly databaseUrl: string;
}

/**
 * Reads the environment of a worker.
 *
 * @throws FleetError `invalid_variable` naming the variable, the rule and the value got.
 */
export function workerConfigFrom(
  env: Readonly<Record<string, string | undefined>>,
  queue: TaskQueueName,
): WorkerConfig {
  return {
    queue,
    settings: taskQueuesFrom(env)[queue],
    host: hostFrom(env),
    databaseUrl: databaseUrlFrom(env),
  };
}

function databaseUrlFrom(env: Readonly<Record<string, string | undefined>>): string {
  const text = env['DATABASE_URL'] ?? '';
  if (/^postgres(ql)?:\/\/./.test(text) && URL.canParse(text)) return text;
  // The value itself may hold a password, so the message only says what kind of thing it is.
  const got = text === '' ? 'nothing' : 'something else';
  throw new FleetError('invalid_variable', { variable: 'DATABASE_URL', rule: 'a postgres:// address', got });
}

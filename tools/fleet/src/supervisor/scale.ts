import { FleetError } from '@fleet/errors';
import { isTaskQueueName, TASK_QUEUE_NAMES, type TaskQueueName, type TaskQueueSettings } from '@fleet/task-queues';
import { UsageError } from '../usage-error';

/** Workers of each queue. */
export type Scale = Readonly<Record<TaskQueueName, number>>;

/**
 * Workers per queue from `--scale high=2`, which may be repeated or separated by commas; 1 each unless said.
 *
 * @throws UsageError for text of another form, FleetError `unknown_queue`, and `invalid_variable` above the table's limit.
 */
export function parseScale(
  texts: readonly string[],
  queues: Readonly<Record<TaskQueueName, TaskQueueSettings>>,
): Scale {
  const scale = Object.fromEntries(TASK_QUEUE_NAMES.map((queue) => [queue, 1])) as Record<TaskQueueName, number>;
  for (const text of texts.flatMap((list) => list.split(','))) {
    const [, queue = '', count = ''] = /^([^=]+)=(\d{1,4})$/.exec(text) ?? [];
    if (queue === '') throw new UsageError(`--scale must be like high=2, got "${text}"`);
    if (!isTaskQueueName(queue)) {
      throw new FleetError('unknown_queue', { got: JSON.stringify(queue), names: TASK_QUEUE_NAMES.join(', ') });
    }
    requireRoom(queue, Number(count), queues[queue].maxWorkers);
    scale[queue] = Number(count);
  }
  return scale;
}

function requireRoom(queue: TaskQueueName, count: number, most: number): void {
  if (count <= most) return;
  const variable = `FLEET_${queue.toUpperCase()}_MAX_WORKERS`;
  throw new FleetError('invalid_variable', {
    variable,
    rule: `at least ${count} for --scale ${queue}=${count}`,
    got: most,
  });
}

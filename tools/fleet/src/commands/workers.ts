import type { Command } from 'commander';
import type { Worker } from '../gateway-contract';
import { duration } from '../output/format';
import { show } from '../output/print';
import { table } from '../output/table';
import { gateway, readingCommand, type ReadingOptions } from './command';

/** `fleet workers`. */
export function workersCommand(): Command {
  return readingCommand('workers', 'Every worker and how busy it is', 'fleet workers').action(workers);
}

async function workers(options: ReadingOptions): Promise<void> {
  const answer = await gateway().json<{ workers: readonly Worker[] }>('GET', '/v1/workers');
  show(options.json, answer, () => {
    if (answer.workers.length === 0) return 'No workers. Start them with: npm start';
    const header = [
      'QUEUE',
      'IDENTITY',
      'PID',
      'STATUS',
      'UP',
      'HEARTBEAT',
      'ACTIVITIES',
      'WORKFLOW TASKS',
      'CACHED',
      'CPU',
      'MEMORY',
      'SDK',
    ];
    return table(header, answer.workers.map(row), [2, 4, 5, 6, 7, 8, 9, 10]);
  });
}

function row(worker: Worker): readonly string[] {
  return [
    worker.queue,
    worker.identity,
    String(worker.pid),
    worker.status,
    since(worker.started_at),
    `${since(worker.heartbeat_at)} ago`,
    `${worker.activity_slots_used}/${worker.activity_slots_total}`,
    `${worker.workflow_slots_used}/${worker.workflow_slots_total}`,
    String(worker.cached_workflows),
    `${Math.round(worker.host_cpu * 100)} %`,
    `${Math.round(worker.host_memory * 100)} %`,
    worker.sdk_version,
  ];
}

function since(iso: string): string {
  return duration(Math.max(0, Date.now() - Date.parse(iso)));
}

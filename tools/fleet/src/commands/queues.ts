import type { Command } from 'commander';
import type { Queue } from '../gateway-contract';
import { duration, rate } from '../output/format';
import { print, show } from '../output/print';
import { table } from '../output/table';
import { UsageError } from '../usage-error';
import { command, gateway, readingCommand, type ReadingOptions } from './command';

/** `fleet queues` and `fleet queues set-rate`. */
export function queuesCommand(): Command {
  const setRate = command(
    'set-rate',
    'Change the activities per second of a queue, at once and for all its workers',
    'fleet queues set-rate background 4 --reason "nightly import"',
    'fleet queues set-rate background table',
  )
    .argument('<queue>')
    .argument('<rate>', 'activities per second, 0 (paused), or table (back to the value of the table)')
    .option('--reason <text>', 'shown beside the rate')
    .action(changeRate);
  return readingCommand(
    'queues',
    'Slots, rate, pollers and backlog of each queue',
    'fleet queues',
    'fleet queues --json',
  )
    .action(queues)
    .addCommand(setRate);
}

async function queues(options: ReadingOptions): Promise<void> {
  const answer = await gateway().json<{ queues: readonly Queue[] }>('GET', '/v1/queues');
  show(options.json, answer, () => {
    const header = [
      'QUEUE',
      'WORKERS',
      'ACTIVITIES',
      'WORKFLOW TASKS',
      'POLLERS',
      'BACKLOG',
      'OLDEST',
      'PER SECOND',
      'RATE',
      'SET BY',
    ];
    return table(header, answer.queues.map(row), [1, 2, 3, 4, 5, 6, 7, 8]);
  });
}

/** Used and total slots per kind; pollers, backlog, age and dispatch over both kinds of task. */
function row({ name, workers, workflows, activities, rate: limit }: Queue): readonly string[] {
  const oldest = Math.max(workflows.oldest_age_seconds, activities.oldest_age_seconds);
  const who = limit.reason && limit.set_by === 'operator' ? `${limit.set_by}: ${limit.reason}` : limit.set_by;
  return [
    name,
    String(workers),
    `${activities.slots_used}/${activities.slots_total}`,
    `${workflows.slots_used}/${workflows.slots_total}`,
    String(workflows.pollers + activities.pollers),
    String(workflows.backlog + activities.backlog),
    oldest > 0 ? duration(oldest * 1000) : '-',
    rate(workflows.dispatch_rate + activities.dispatch_rate),
    rateText(limit.per_second),
    who,
  ];
}

async function changeRate(queue: string, text: string, options: { readonly reason?: string }): Promise<void> {
  const body = { rate: parseRate(text), ...(options.reason === undefined ? {} : { reason: options.reason }) };
  const answer = await gateway().json<Queue>('PATCH', `/v1/queues/${encodeURIComponent(queue)}`, { body });
  print(`${answer.name}: ${rateText(answer.rate.per_second)} (set by ${answer.rate.set_by})`);
}

/** The gateway spells "back to the table" as null. */
function parseRate(text: string): number | null {
  if (text === 'table') return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(`<rate> must be a number or table, got "${text}"`);
}

function rateText(perSecond: number | null): string {
  if (perSecond === null) return 'none';
  return perSecond === 0 ? 'paused' : `${rate(perSecond)}/s`;
}

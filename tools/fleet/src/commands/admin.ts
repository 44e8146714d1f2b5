import type { Command } from 'commander';
import { parseWhole } from '../arguments';
import type { Execution, NamespaceSchedule } from '../gateway-contract';
import { dateTime, duration } from '../output/format';
import { note, show } from '../output/print';
import { table } from '../output/table';
import { command, gateway, readingCommand, type ReadingOptions } from './command';

interface Options extends ReadingOptions {
  readonly limit: string;
  readonly cursor?: string;
}

interface WorkflowOptions extends Options {
  readonly hours: string;
  readonly status?: string;
  readonly type?: string;
}

/** `fleet admin workflows` and `fleet admin schedules`: the whole namespace, what others made in it included. */
export function adminCommand(): Command {
  const ofWorkflows = readingCommand(
    'workflows',
    'Workflows that were started lately, whoever started them',
    'fleet admin workflows --hours 2 --status failed',
    'fleet admin workflows --type dailyMaintenance --json',
  )
    .option('--hours <n>', 'only those started within so many hours, 1 to 168', '24')
    .option('--status <status>', 'only running, completed, failed, canceled, terminated or timed_out')
    .option('--type <type>', 'only of this workflow type')
    .option('--limit <n>', 'workflows at most, 1 to 200', '50')
    .option('--cursor <cursor>', 'the next page, as the one before named it')
    .action(workflows);
  const ofSchedules = readingCommand(
    'schedules',
    'Schedules and when they run next, whoever made them',
    'fleet admin schedules',
  )
    .option('--limit <n>', 'schedules at most, 1 to 200', '50')
    .option('--cursor <cursor>', 'the next page, as the one before named it')
    .action(schedules);
  return command(
    'admin',
    'Look at the whole Temporal namespace; needs the token of an administrator',
    'fleet admin workflows --status failed',
    'fleet admin schedules',
  )
    .addCommand(ofWorkflows)
    .addCommand(ofSchedules);
}

async function workflows({ json, limit, hours, type, ...filter }: WorkflowOptions): Promise<void> {
  const query = {
    ...filter,
    workflow_type: type,
    hours: parseWhole(hours, '--hours', 1, 168),
    limit: parseWhole(limit, '--limit', 1, 200),
  };
  type Answer = { readonly workflows: readonly Execution[]; readonly next_cursor: string | null };
  const page = await gateway().json<Answer>('GET', '/admin/temporal/workflows', { query });
  show(json, page, () => {
    if (page.workflows.length === 0) return 'No workflows.';
    const header = ['ID', 'TYPE', 'QUEUE', 'STATUS', 'STARTED', 'CLOSED', 'LINK'];
    const rows = page.workflows.map((one) => [
      one.workflow_id,
      one.workflow_type,
      one.task_queue,
      one.status,
      dateTime(one.start_time),
      one.close_time === null ? '' : dateTime(one.close_time),
      one.ui_url ?? '',
    ]);
    return table(header, rows);
  });
  if (page.next_cursor && !json) note(`more: add --cursor ${page.next_cursor}`);
}

async function schedules({ json, limit, cursor }: Options): Promise<void> {
  const query = { cursor, limit: parseWhole(limit, '--limit', 1, 200) };
  type Answer = { readonly schedules: readonly NamespaceSchedule[]; readonly next_cursor: string | null };
  const page = await gateway().json<Answer>('GET', '/admin/temporal/schedules', { query });
  show(json, page, () => {
    if (page.schedules.length === 0) return 'No schedules.';
    const header = ['ID', 'TYPE', 'DUE', 'TIME ZONE', 'JITTER', 'NEXT RUN', 'LAST RUN', 'NOTE'];
    return table(header, page.schedules.map(scheduleRow));
  });
  if (page.next_cursor && !json) note(`more: add --cursor ${page.next_cursor}`);
}

function scheduleRow(schedule: NamespaceSchedule): readonly string[] {
  const { spec, recent_actions: actions, next_run: next } = schedule;
  const last = actions.at(-1);
  return [
    schedule.schedule_id,
    schedule.workflow_type,
    [...spec.cron, ...spec.intervals.map(dueBy)].join('; '),
    spec.time_zone,
    spec.jitter_seconds > 0 ? duration(spec.jitter_seconds * 1000) : '-',
    schedule.paused ? 'paused' : next === null ? '-' : dateTime(next),
    last ? dateTime(last.started_at) : '-',
    schedule.note ?? '',
  ];
}

/** Intervals count from 1970. One as long as the time since then is how a single run is written: it fires at its end. */
const SINGLE_FROM_SECONDS = 1_000_000_000;

/** When an interval fires, in words: `every 15 min 0 s`, or `once` and the time. */
export function dueBy({ every_seconds: seconds }: NamespaceSchedule['spec']['intervals'][number]): string {
  if (seconds < SINGLE_FROM_SECONDS) return `every ${duration(seconds * 1000)}`;
  return `once ${dateTime(new Date(seconds * 1000).toISOString())}`;
}

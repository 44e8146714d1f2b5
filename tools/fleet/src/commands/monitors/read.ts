import type { Command } from 'commander';
import { parseWhole } from '../../arguments';
import type { Monitor, MonitorDetails, MonitorExecution, Notice } from '../../monitor-contract';
import { dateTime } from '../../output/format';
import { note, show } from '../../output/print';
import { table } from '../../output/table';
import { gateway, readingCommand, type ReadingOptions } from '../command';
import { describedMonitor, monitorPath } from './described';

interface ListOptions extends ReadingOptions {
  readonly limit: string;
  readonly cursor?: string;
}

/** `fleet monitors list|show|executions|notifications`. */
export function readingMonitors(): readonly Command[] {
  return [
    listing('list', 'Monitors, newest first', 'fleet monitors list --state active')
      .option('--state <state>', 'only active, paused or completed')
      .option('--owner <principal>', 'only of this owner')
      .action(listMonitors),
    readingCommand('show', 'One monitor with its next run', 'fleet monitors show mon_0123456789')
      .argument('<id>')
      .action(showMonitor),
    listing('executions', 'The runs of a monitor, newest first', 'fleet monitors executions mon_0123456789')
      .argument('<id>')
      .option('--status <status>', 'only pending, running, success, failed or canceled')
      .action(listExecutions),
    listing('notifications', 'Whom a monitor has told, newest first', 'fleet monitors notifications mon_0123456789')
      .argument('<id>')
      .action(listNotices),
  ];
}

function listing(name: string, description: string, example: string): Command {
  return readingCommand(name, description, example)
    .option('--limit <n>', 'lines at most, 1 to 100', '50')
    .option('--cursor <cursor>', 'the next page, as the one before named it');
}

/** A page of one of the lists, as a table. */
async function showPage<Row>(
  path: string,
  { json, limit, ...query }: ListOptions,
  list: { readonly key: string; readonly header: readonly string[]; readonly row: (row: Row) => readonly string[] },
): Promise<void> {
  const narrowed = { ...query, limit: parseWhole(limit, '--limit', 1, 100) };
  const page = await gateway().json<Record<string, unknown>>('GET', path, { query: narrowed });
  const rows = page[list.key] as readonly Row[];
  show(json, page, () => (rows.length === 0 ? `No ${list.key}.` : table(list.header, rows.map(list.row))));
  const cursor = page['next_cursor'];
  if (typeof cursor === 'string' && !json) note(`more: add --cursor ${cursor}`);
}

async function listMonitors(options: ListOptions): Promise<void> {
  await showPage<Monitor>('/v1/monitors', options, {
    key: 'monitors',
    header: ['ID', 'STATE', 'NAME', 'CRON', 'NOTIFY', 'MET', 'FAILURES'],
    row: (monitor) => [
      monitor.id,
      monitor.state,
      shortened(monitor.name),
      monitor.cron ?? 'by itself',
      monitor.notify,
      met(monitor.last_condition_met),
      String(monitor.failures),
    ],
  });
}

async function showMonitor(id: string, { json }: ReadingOptions): Promise<void> {
  const monitor = await gateway().json<MonitorDetails>('GET', monitorPath(id));
  show(json, monitor, () => describedMonitor(monitor));
}

async function listExecutions(id: string, options: ListOptions): Promise<void> {
  await showPage<MonitorExecution>(monitorPath(id, '/executions'), options, {
    key: 'executions',
    header: ['ID', 'AT', 'TRIGGER', 'STATUS', 'MET', 'CHANGED', 'TOLD', 'WHY'],
    row: (run) => [
      run.id,
      dateTime(run.created_at),
      run.trigger,
      run.status,
      met(run.condition_met),
      met(run.changed),
      met(run.notify),
      shortened(run.failure?.message ?? run.reason ?? ''),
    ],
  });
}

async function listNotices(id: string, options: ListOptions): Promise<void> {
  await showPage<Notice>(monitorPath(id, '/notifications'), options, {
    key: 'notifications',
    header: ['ID', 'AT', 'RUN', 'CHANNEL', 'ADDRESS', 'STATUS', 'TRIES', 'WHY'],
    row: (notice) => [
      notice.id,
      dateTime(notice.created_at),
      notice.execution_id,
      notice.channel,
      shortened(notice.address),
      notice.status,
      String(notice.attempts),
      shortened(notice.reason ?? ''),
    ],
  });
}

function met(is: boolean | null): string {
  return is === null ? '-' : is ? 'yes' : 'no';
}

function shortened(text: string): string {
  return text.length > 50 ? `${text.slice(0, 49)}…` : text;
}

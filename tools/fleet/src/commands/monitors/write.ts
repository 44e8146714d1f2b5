import type { Command } from 'commander';
import { parseWhole } from '../../arguments';
import type { MonitorDetails } from '../../monitor-contract';
import { print, show } from '../../output/print';
import { command, gateway, readingCommand, type ReadingOptions } from '../command';
import { bodyOf, withBodyOptions, type BodyOptions } from './body';
import { describedMonitor, monitorPath } from './described';

const CREATE =
  'fleet monitors create --name Tickets --query "Are there tickets for the play?" ' +
  '--condition "Tickets can be bought" --url https://example.com/ --contains tickets --cron "*/15 * * * *" ' +
  '--email ada@example.com';

/** `fleet monitors create|update|pause|resume|delete|rotate-secret`. */
export function writingMonitors(): readonly Command[] {
  const created = 'Watch something from now on';
  return [
    withBodyOptions(readingCommand('create', created, CREATE, 'fleet monitors create --spec @monitor.json'))
      .option('--run-immediately', 'run it now for the first time; default: without a cron')
      .option('--no-run-immediately', 'do not')
      .option('--idempotency-key <key>', 'sending the same twice with it makes one monitor')
      .action(create),
    withBodyOptions(
      readingCommand(
        'update',
        'Change what is named, and nothing else',
        'fleet monitors update mon_0123456789 --cron "0 9 * * 1-5" --timezone Europe/Berlin',
      ),
    )
      .argument('<id>')
      .option('--if-version <n>', 'only when it still has this version')
      .action(update),
    changing('pause', 'No scheduled runs until it is resumed', '/pause'),
    changing('resume', 'Run again by its schedule, also after it was completed', '/resume'),
    changing('rotate-secret', 'A new secret for its webhooks', '/rotate-webhook-secret'),
    command('delete', 'Delete a monitor with its runs', 'fleet monitors delete mon_0123456789')
      .argument('<id>')
      .action(remove),
  ];
}

function changing(verb: string, description: string, below: string): Command {
  return readingCommand(verb, description, `fleet monitors ${verb} mon_0123456789`)
    .argument('<id>')
    .action(async (id: string, { json }: ReadingOptions) => {
      const monitor = await gateway().json<MonitorDetails>('POST', monitorPath(id, below));
      show(json, monitor, () => describedMonitor(monitor));
    });
}

interface CreateOptions extends BodyOptions, ReadingOptions {
  readonly runImmediately?: boolean;
  readonly idempotencyKey?: string;
}

async function create(options: CreateOptions): Promise<void> {
  const { runImmediately: runs, idempotencyKey: key } = options;
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
  const body = { ...bodyOf(options), ...(runs !== undefined && { run_immediately: runs }) };
  const monitor = await gateway().json<MonitorDetails>('POST', '/v1/monitors', { body, headers });
  show(options.json, monitor, () => describedMonitor(monitor));
}

async function update(
  id: string,
  options: BodyOptions & ReadingOptions & { readonly ifVersion?: string },
): Promise<void> {
  const { ifVersion } = options;
  const version = ifVersion === undefined ? undefined : parseWhole(ifVersion, '--if-version', 1, 999_999_999);
  const headers: Record<string, string> = version === undefined ? {} : { 'if-match': `"${version}"` };
  const monitor = await gateway().json<MonitorDetails>('PATCH', monitorPath(id), { body: bodyOf(options), headers });
  show(options.json, monitor, () => describedMonitor(monitor));
}

async function remove(id: string): Promise<void> {
  await gateway().send('DELETE', monitorPath(id));
  print(`${id}: deleted`);
}

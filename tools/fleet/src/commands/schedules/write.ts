import type { Command } from 'commander';
import { parseJson, parseWhole } from '../../arguments';
import { print, show } from '../../output/print';
import type { Schedule } from '../../schedule-contract';
import { UsageError } from '../../usage-error';
import { command, gateway, readingCommand, type ReadingOptions } from '../command';
import { describedSchedule, schedulePath } from './described';

const CREATE =
  'fleet schedules create generateImage --id poster --cron "0 9 * * 1-5" --timezone Europe/Berlin ' +
  `--input '{"prompt":"a lighthouse at dusk"}'`;

/** `fleet schedules create|update|pause|resume|delete`. */
export function writingSchedules(): readonly Command[] {
  return [
    withOptions(readingCommand('create', 'Start a workflow by the clock', CREATE))
      .argument('<workflow>', 'a name of fleet workflows')
      .option('--id <id>', 'your own id')
      .option('--paused', 'start nothing until it is resumed')
      .action(create),
    withOptions(
      readingCommand(
        'update',
        'Change what is named, and nothing else; a pause stays',
        'fleet schedules update poster --cron "0 8 * * 1-5" --if-version 3',
      ),
    )
      .argument('<id>')
      .option('--workflow <name>', 'another workflow')
      .option('--if-version <n>', 'only when it still has this version')
      .action(update),
    pausing('pause', 'Start nothing until it is resumed'),
    pausing('resume', 'Start by the clock again'),
    command('delete', 'Delete a schedule; its runs go on', 'fleet schedules delete poster')
      .argument('<id>')
      .action(remove),
  ];
}

interface Options extends ReadingOptions {
  readonly input?: string;
  readonly queue?: string;
  readonly cron?: string;
  readonly runAt?: string;
  readonly timezone?: string;
  readonly jitter?: string;
  readonly catchup?: string;
}

function withOptions(of: Command): Command {
  return of
    .option('--input <json>', 'what the workflow takes, or @file')
    .option('--queue <queue>', "one of the workflow's allowed queues")
    .option('--cron <fields>', 'five fields; none: only --run-at starts it')
    .option(
      '--run-at <time>',
      'the next run, once, before the cron goes on, as 2030-01-31T12:00:00Z; none: by the cron',
    )
    .option('--timezone <zone>', 'of the cron, like Europe/Berlin')
    .option('--jitter <seconds>', 'each run starts up to so much later, 0 to 3600')
    .option('--catchup <seconds>', 'a missed run is made up within that time, 600 to 31536000');
}

function bodyOf({ input, queue, cron, runAt, timezone, jitter, catchup }: Options): Record<string, unknown> {
  const said = {
    input: input === undefined ? undefined : parseJson(input, '--input'),
    queue,
    cron: orNull(cron),
    run_at: orNull(runAt),
    timezone,
    jitter_seconds: jitter === undefined ? undefined : parseWhole(jitter, '--jitter', 0, 3600),
    catchup_seconds: catchup === undefined ? undefined : parseWhole(catchup, '--catchup', 600, 31_536_000),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function orNull(text: string | undefined): string | null | undefined {
  return text === 'none' ? null : text;
}

async function create(
  workflow: string,
  options: Options & { readonly id?: string; readonly paused?: boolean },
): Promise<void> {
  const { id, paused } = options;
  const body = { workflow, ...bodyOf(options), ...(id !== undefined && { id }), ...(paused && { paused }) };
  const schedule = await gateway().json<Schedule>('POST', '/v1/schedules', { body });
  show(options.json, schedule, () => describedSchedule(schedule));
}

async function update(
  id: string,
  options: Options & { readonly workflow?: string; readonly ifVersion?: string },
): Promise<void> {
  const { ifVersion, workflow } = options;
  const body = { ...bodyOf(options), ...(workflow !== undefined && { workflow }) };
  if (Object.keys(body).length === 0) throw new UsageError('nothing is named that is to change');
  const version = ifVersion === undefined ? undefined : parseWhole(ifVersion, '--if-version', 1, 999_999_999);
  const headers: Record<string, string> = version === undefined ? {} : { 'if-match': `"${version}"` };
  const schedule = await gateway().json<Schedule>('PATCH', schedulePath(id), { body, headers });
  show(options.json, schedule, () => describedSchedule(schedule));
}

function pausing(verb: 'pause' | 'resume', description: string): Command {
  const reason = verb === 'pause' ? 'the printer is out of ink' : 'there is ink again';
  return readingCommand(verb, description, `fleet schedules ${verb} poster --reason "${reason}"`)
    .argument('<id>')
    .option('--reason <text>', 'shown as its note')
    .action(async (id: string, { json, reason: said }: ReadingOptions & { readonly reason?: string }) => {
      const body = said === undefined ? {} : { reason: said };
      const schedule = await gateway().json<Schedule>('POST', schedulePath(id, `/${verb}`), { body });
      show(json, schedule, () => describedSchedule(schedule));
    });
}

async function remove(id: string): Promise<void> {
  const { status } = await gateway().send('DELETE', schedulePath(id));
  print(status === 202 ? `${id}: deleted here, and on Temporal once it answers` : `${id}: deleted`);
}

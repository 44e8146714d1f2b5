import type { Command } from 'commander';
import { parseWhole } from '../../arguments';
import { note, show } from '../../output/print';
import { table } from '../../output/table';
import type { Schedule, ScheduleDetails } from '../../schedule-contract';
import { gateway, readingCommand, type ReadingOptions } from '../command';
import { describedSchedule, schedulePath, timesOf } from './described';

/** `fleet schedules list|show`. */
export function readingSchedules(): readonly Command[] {
  return [
    readingCommand('list', 'Schedules, newest first', 'fleet schedules list', 'fleet schedules list --kind api')
      .option('--kind <kind>', 'only api, code or monitor')
      .option('--workflow <name>', 'only of this workflow')
      .option('--limit <n>', 'schedules at most, 1 to 200', '50')
      .option('--cursor <cursor>', 'the next page, as the one before named it')
      .action(list),
    readingCommand('show', 'One schedule, with its next and its last runs', 'fleet schedules show daily-maintenance')
      .argument('<id>')
      .action(showOne),
  ];
}

interface ListOptions extends ReadingOptions {
  readonly kind?: string;
  readonly workflow?: string;
  readonly limit: string;
  readonly cursor?: string;
}

async function list({ json, limit, ...filter }: ListOptions): Promise<void> {
  const query = { ...filter, limit: parseWhole(limit, '--limit', 1, 200) };
  const page = await gateway().json<{ schedules: readonly Schedule[]; next_cursor: string | null }>(
    'GET',
    '/v1/schedules',
    { query },
  );
  show(json, page, () => {
    if (page.schedules.length === 0) return 'No schedules.';
    const rows = page.schedules.map((schedule) => [
      schedule.id,
      schedule.kind,
      schedule.workflow,
      timesOf(schedule),
      schedule.paused ? 'yes' : 'no',
      schedule.applied ? 'yes' : 'not yet',
    ]);
    return table(['ID', 'KIND', 'WORKFLOW', 'RUNS', 'PAUSED', 'APPLIED'], rows);
  });
  if (page.next_cursor && !json) note(`more: add --cursor ${page.next_cursor}`);
}

async function showOne(id: string, { json }: ReadingOptions): Promise<void> {
  const schedule = await gateway().json<ScheduleDetails>('GET', schedulePath(id));
  show(json, schedule, () => describedSchedule(schedule));
}

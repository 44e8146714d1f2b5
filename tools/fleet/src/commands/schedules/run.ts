import type { Command } from 'commander';
import { show } from '../../output/print';
import { gateway, readingCommand, type ReadingOptions } from '../command';
import { schedulePath } from './described';

/** `fleet schedules trigger|backfill`. */
export function runningSchedules(): readonly Command[] {
  return [
    readingCommand('trigger', 'Run it now, or say which run goes on', 'fleet schedules trigger poster')
      .argument('<id>')
      .action(trigger),
    readingCommand(
      'backfill',
      'Make up for the runs that were due in a time, both ends included',
      'fleet schedules backfill poster --from 2026-01-01T00:00:00Z --to 2026-01-07T23:59:59Z',
    )
      .argument('<id>')
      .requiredOption('--from <time>', 'as 2026-01-31T12:00:00Z')
      .requiredOption('--to <time>', 'not later than now')
      .option('--overlap <how>', 'skip, buffer_all (one after the other) or allow_all', 'buffer_all')
      .action(backfill),
  ];
}

async function trigger(id: string, { json }: ReadingOptions): Promise<void> {
  const run = await gateway().json<{ workflow_id: string }>('POST', schedulePath(id, '/trigger'));
  show(json, run, () => run.workflow_id);
}

interface BackfillOptions extends ReadingOptions {
  readonly from: string;
  readonly to: string;
  readonly overlap: string;
}

async function backfill(id: string, { json, ...body }: BackfillOptions): Promise<void> {
  const started = await gateway().json<{ from: string; to: string }>('POST', schedulePath(id, '/backfill'), { body });
  show(json, started, () => `${id}: runs from ${started.from} to ${started.to} are started`);
}

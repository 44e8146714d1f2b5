import type { Command } from 'commander';
import { parseWhole } from '../arguments';
import { parseDuration } from '../duration';
import type { HistoryEvent, JobDetails } from '../gateway-contract';
import { failureText } from '../output/errors';
import { clock, dateTime, duration } from '../output/format';
import { note, show } from '../output/print';
import { fields, table } from '../output/table';
import { progressText, waitWithProgress } from '../wait-for-end';
import { gateway, jobPath, readingCommand, type ReadingOptions } from './command';
import { showOutcome } from './outcome';

/** `fleet status`, `fleet result` and `fleet history`: what can be read about one job. */
export function jobCommands(): readonly Command[] {
  return [
    readingCommand('status', 'Where a job stands', 'fleet status monthly-report').argument('<id>').action(status),
    readingCommand('result', "A job's result", 'fleet result monthly-report --wait 5m')
      .argument('<id>')
      .option(
        '--wait [duration]',
        'wait for the end: at most that long (30s, 5m), or alone as long as it takes; default: do not wait',
      )
      .action(result),
    readingCommand('history', "A workflow's events, oldest first", 'fleet history monthly-report --limit 200')
      .argument('<id>')
      .option('--limit <n>', 'events at most, 1 to 200', '50')
      .option('--cursor <cursor>', 'the next page, as the one before named it')
      .action(history),
  ];
}

async function status(id: string, options: ReadingOptions): Promise<void> {
  const job = await gateway().json<JobDetails>('GET', jobPath(id));
  show(options.json, job, () => {
    const output = job.status === 'completed' ? JSON.stringify(job.result ?? null) : undefined;
    return fields([
      ['id', job.workflow_id],
      ['workflow', `${job.workflow} (${job.kind})`],
      ['queue', job.queue],
      ['status', job.status],
      ['progress', progressText(job.progress)],
      ['attempt', job.attempt],
      ['owner', job.owner],
      ['started', dateTime(job.started_at)],
      ['closed', job.closed_at ? dateTime(job.closed_at) : undefined],
      ['took', typeof job.duration_ms === 'number' ? duration(job.duration_ms) : undefined],
      ['result', output && output.length > 500 ? `${output.slice(0, 500)}… (fleet result ${id})` : output],
      ['failure', job.failure ? failureText(job.failure) : undefined],
    ]);
  });
}

async function result(id: string, options: ReadingOptions & { readonly wait?: string | true }): Promise<void> {
  const waitMs = typeof options.wait === 'string' ? parseDuration(options.wait, '--wait') : options.wait ? Infinity : 0;
  showOutcome(await waitWithProgress(gateway(), id, waitMs), options.json);
}

interface Page {
  readonly events: readonly HistoryEvent[];
  readonly next_cursor?: string | null;
}

async function history(
  id: string,
  options: ReadingOptions & { readonly limit: string; readonly cursor?: string },
): Promise<void> {
  const query = { limit: parseWhole(options.limit, '--limit', 1, 200), cursor: options.cursor };
  const page = await gateway().json<Page>('GET', jobPath(id, '/history'), { query });
  show(options.json, page, () => {
    const rows = page.events.map((event) => [
      String(event.event_id),
      clock(new Date(event.timestamp)),
      event.type,
      event.name ?? '',
      event.attempt ? String(event.attempt) : '',
      event.failure ?? '',
    ]);
    return table(['#', 'TIME', 'EVENT', 'NAME', 'ATTEMPT', 'FAILURE'], rows, [0, 4]);
  });
  if (page.next_cursor && !options.json) note(`more: fleet history ${id} --cursor ${page.next_cursor}`);
}

import type { Command } from 'commander';
import { parseWhole } from '../arguments';
import type { Job } from '../gateway-contract';
import { dateTime, duration } from '../output/format';
import { note, show } from '../output/print';
import { table } from '../output/table';
import { gateway, readingCommand, type ReadingOptions } from './command';

interface Options extends ReadingOptions {
  readonly workflow?: string;
  readonly queue?: string;
  readonly status?: string;
  readonly limit: string;
  readonly cursor?: string;
}

/** `fleet jobs`. */
export function jobsCommand(): Command {
  return readingCommand(
    'jobs',
    'The jobs, newest first',
    'fleet jobs --queue high --status failed',
    'fleet jobs --workflow analyzeData --limit 5 --json',
  )
    .option('--workflow <name>', 'only of this workflow or job')
    .option('--queue <queue>', 'only of this queue')
    .option('--status <status>', 'only running, completed, failed, canceled, terminated or timed_out')
    .option('--limit <n>', 'jobs at most, 1 to 200', '50')
    .option('--cursor <cursor>', 'the next page, as the one before named it')
    .action(jobs);
}

async function jobs({ json, limit, ...filter }: Options): Promise<void> {
  const query = { ...filter, limit: parseWhole(limit, '--limit', 1, 200) };
  const page = await gateway().json<{ jobs: readonly Job[]; next_cursor?: string | null }>('GET', '/v1/jobs', {
    query,
  });
  show(json, page, () => {
    if (page.jobs.length === 0) return 'No jobs.';
    const rows = page.jobs.map((job) => [
      job.workflow_id,
      job.workflow,
      job.queue,
      job.status,
      dateTime(job.started_at),
      typeof job.duration_ms === 'number' ? duration(job.duration_ms) : '',
    ]);
    return table(['ID', 'WORKFLOW', 'QUEUE', 'STATUS', 'STARTED', 'TOOK'], rows, [5]);
  });
  if (page.next_cursor && !json) note(`more: add --cursor ${page.next_cursor}`);
}

import type { Command } from 'commander';
import { note, print } from '../output/print';
import { table } from '../output/table';
import { waitWithProgress } from '../wait-for-end';
import { gateway, readingCommand, type ReadingOptions } from './command';
import { showOutcome } from './outcome';

/** `fleet reconcile`. */
export function reconcileCommand(): Command {
  return readingCommand(
    'reconcile',
    'Find and mend schedules, monitors and runs that came apart in a crash',
    'fleet reconcile --dry-run',
  )
    .option('--dry-run', 'change nothing, only say what would be')
    .action(reconcile);
}

async function reconcile({ dryRun = false, json }: ReadingOptions & { readonly dryRun?: boolean }): Promise<void> {
  const api = gateway();
  const started = await api.submit({ workflow: 'reconcile', input: { dryRun } });
  const outcome = await waitWithProgress(api, started.workflow_id, Infinity);
  if (json || outcome.status !== 'completed') return showOutcome(outcome, json);
  const { schedules, monitors, notices, executions } = outcome.result as Found;
  print(
    table(
      ['FOUND', 'COUNT', dryRun ? 'WOULD BE' : 'WAS', 'IDS'],
      [
        row('schedules on Temporal without a row', schedules.orphans, 'deleted'),
        row('schedules lost by Temporal', schedules.missing, 'written again'),
        row('schedules without a monitor', schedules.withoutMonitor, 'deleted'),
        row('monitors without a schedule', monitors.withoutSchedule, 'scheduled'),
        row('monitors whose next run nobody named', schedules.stalled, 'due now'),
        row('notices that nobody delivers', notices.unsent, 'on their way'),
        row('runs open for too long', executions.abandoned, 'closed as failed'),
      ],
    ),
  );
  if (schedules.applied > 0) note(`${schedules.applied} schedule(s) written that Temporal had not been told of yet`);
}

interface Finding {
  readonly count: number;
  readonly ids: readonly string[];
}

interface Found {
  readonly schedules: Readonly<Record<'orphans' | 'missing' | 'withoutMonitor' | 'stalled', Finding>> & {
    readonly applied: number;
  };
  readonly monitors: { readonly withoutSchedule: Finding };
  readonly notices: { readonly unsent: Finding };
  readonly executions: { readonly abandoned: Finding };
}

/** Ids shown in a row. */
const SHOWN = 3;

function row(what: string, { count, ids }: Finding, done: string): string[] {
  const shown = ids.slice(0, SHOWN).join(', ');
  return [
    what,
    String(count),
    count === 0 ? '-' : done,
    count > SHOWN ? `${shown}, … (--json has more)` : shown || '-',
  ];
}

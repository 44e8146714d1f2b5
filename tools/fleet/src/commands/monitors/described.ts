import type { MonitorDetails, MonitorExecution, MonitorPreview, Notice } from '../../monitor-contract';
import { dateTime } from '../../output/format';
import { fields } from '../../output/table';

/** Path of a monitor, or of something below it. */
export function monitorPath(id: string, below = ''): string {
  return `/v1/monitors/${encodeURIComponent(id)}${below}`;
}

/** A monitor, a line for each thing that is known of it. */
export function describedMonitor(monitor: MonitorDetails): string {
  const { search, schedule } = monitor;
  return fields([
    ['id', monitor.id],
    ['name', monitor.name],
    ['state', monitor.state],
    ['query', monitor.query],
    ['condition', monitor.condition],
    ['search', [search.provider, ...(search.urls ?? [])].join(' ')],
    ['contains', search.contains],
    ['absent', search.absent],
    ['model', search.model],
    ['compare', monitor.compare],
    ['notify', monitor.notify],
    ['email', monitor.email],
    ['webhook', monitor.webhook_url],
    ['cron', monitor.cron ?? 'none: each result says when the next run is'],
    ['timezone', monitor.cron && monitor.timezone],
    ['jitter', monitor.jitter_seconds === 0 ? undefined : `${monitor.jitter_seconds} s`],
    ['catch-up', `${monitor.catchup_seconds} s`],
    ['next run', schedule.next_run && dateTime(schedule.next_run)],
    ['schedule', schedule.applied ? undefined : 'Temporal has not taken over the last change yet'],
    ['condition met', monitor.last_condition_met === null ? undefined : yesOrNo(monitor.last_condition_met)],
    [
      'failures',
      monitor.failures === 0 ? undefined : `${monitor.failures} in a row, of class ${monitor.failure_class}`,
    ],
    ['version', monitor.version],
    ['owner', monitor.owner],
    ['webhook secret', monitor.webhook_secret && `${monitor.webhook_secret}  (keep it: it is not shown again)`],
  ]);
}

/** What a run saw, and why it did or did not tell anybody. */
export function describedRun(run: MonitorExecution, notices: readonly Notice[]): string {
  const { failure, notify, reason } = run;
  const told = notify === null ? undefined : notify ? 'yes' : 'nobody';
  return fields([
    ['run', `${run.id} (${run.trigger})`],
    ['status', run.status],
    ['failure', failure && `${failure.code}: ${failure.message}`],
    ['saw', run.summary],
    ['condition met', run.condition_met === null ? undefined : yesOrNo(run.condition_met)],
    ['changed', run.changed === null ? undefined : `${yesOrNo(run.changed)} (${run.comparison})`],
    ['told', told && `${told}: ${reason}`],
    ...notices.map((notice) => [notice.channel, deliveryOf(notice)] as const),
    ['next run', run.next_run && dateTime(run.next_run)],
  ]);
}

/** What a monitor would see now. */
export function describedPreview({ summary, condition_met: isMet, next_run: next, state }: MonitorPreview): string {
  const seen = fields([
    ['saw', summary],
    ['condition met', yesOrNo(isMet)],
    ['next run', next === null ? 'none is to follow' : next && dateTime(next)],
  ]);
  return `${seen}\n\n${state}`;
}

function deliveryOf({ address, status, reason }: Notice): string {
  return `${address}: ${status}${reason === null ? '' : `, ${reason}`}`;
}

function yesOrNo(is: boolean): string {
  return is ? 'yes' : 'no';
}

import type { Activities, ClosedMonitorRun, Proxied } from '@fleet/activities';
import { progressQuery, type MonitorRunInput, type MonitorRunOutput } from '@fleet/workflow-registry/messages';
import { CancellationScope, isCancellation, log, proxyActivities, workflowInfo } from '@temporalio/workflow';
import { monitorFailure, typedError } from './monitor-failure';
import { trackProgress } from './progress';
import { startDelivery } from './start-delivery';

type Steps = Proxied<Activities>;

/** Times are Torale's numbers for each step. */
function within(startToCloseTimeout: '10 s' | '30 s' | '60 s'): Steps {
  return proxyActivities<Steps>({
    startToCloseTimeout,
    heartbeatTimeout: '10 s',
    // A canceled run is Canceled only once its running step has really stopped.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: {
      initialInterval: '1 s',
      backoffCoefficient: 2,
      maximumInterval: '30 s',
      maximumAttempts: 3,
      // Who is busy is left alone for longer than this run lasts; no model that was asked answered in the form asked for.
      nonRetryableErrorTypes: ['page_busy', 'provider_rate_limited', 'output_schema_mismatch'],
    },
  });
}

const { openMonitorRun, persistMonitorRun, applyMonitorSchedule } = within('30 s');
const { searchMonitor } = within('60 s');
const { compareMonitorState } = within('10 s');

// However long Postgres is away, how a run ended is written down, for a row that stays open keeps the monitor from running, and
// so are the notices of what was found: it is decided that people are told.
const { failMonitorRun, cancelMonitorRun, notifyMonitor } = proxyActivities<Steps>({
  startToCloseTimeout: '30 s',
  heartbeatTimeout: '10 s',
  retry: { initialInterval: '1 s', maximumInterval: '30 s' },
});

interface Run {
  readonly monitorId: string;
  readonly executionId?: string | undefined;
  readonly workflowId: string;
  readonly runId: string;
}

/** One run of a monitor. What it finds stays in Postgres; only references and single lines travel. */
export async function monitor(input: MonitorRunInput): Promise<MonitorRunOutput> {
  const { workflowId, runId } = workflowInfo();
  const run: Run = { ...input, workflowId, runId };
  const at = trackProgress(progressQuery, ['open', 'search', 'compare', 'persist', 'notify']);
  try {
    const opened = await openMonitorRun(run);
    if (opened.status === 'skipped') return skipped(run, opened.reason);
    const execution = { executionId: opened.executionId };
    at('search');
    const found = await searchMonitor(execution);
    at('compare');
    const compared = await compareMonitorState(execution);
    at('persist');
    const closed = await persistMonitorRun(execution);
    at('notify');
    // Who cancels it by now is too late: the run has ended well, and what follows from it is owed.
    const told = await CancellationScope.nonCancellable(async () => {
      const notified = await tell(opened.executionId, closed);
      if (closed.scheduleChanged) await applySchedule(run);
      return notified;
    });
    at('done');
    const { nextRunAt } = closed;
    return { monitorId: run.monitorId, ...execution, status: 'success', ...found, ...compared, ...told, nextRunAt };
  } catch (error) {
    const failure = monitorFailure(error);
    if (failure.type === 'execution_not_found') return skipped(run, 'the monitor was deleted while it ran');
    await CancellationScope.nonCancellable(() => close(run, error));
    throw typedError(error);
  }
}

function skipped({ monitorId, executionId }: Run, reason: string): MonitorRunOutput {
  return { monitorId, executionId, status: 'skipped', notified: [], reason };
}

async function close(run: Run, error: unknown): Promise<void> {
  const { scheduleChanged } = await (isCancellation(error)
    ? cancelMonitorRun(run)
    : failMonitorRun({ ...run, ...monitorFailure(error) }));
  if (scheduleChanged) await applySchedule(run);
}

/** The row says when the next run is; what could not be written to Temporal now is written by whoever goes through the rows. */
async function applySchedule({ monitorId }: Run): Promise<void> {
  try {
    await applyMonitorSchedule({ monitorId });
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the schedule of the monitor is yet to be written', { monitorId, type: monitorFailure(error).type });
  }
}

/** Writes the notices down and starts their delivery, which outlives this run. */
async function tell(
  executionId: string,
  { notify, reason }: ClosedMonitorRun,
): Promise<Pick<MonitorRunOutput, 'notified' | 'reason'>> {
  if (!notify) return { notified: [], reason };
  const { notices, skipped: kept } = await notifyMonitor({ executionId });
  await startDelivery(notices.map((notice) => ({ ...notice, executionId })));
  const why = [reason, ...kept.map((notice) => `no ${notice.channel}: ${notice.reason}`)];
  if (notices.length + kept.length === 0) why.push('the monitor has nobody to tell');
  return { notified: notices.map(({ channel }) => channel), reason: why.join('; ') };
}

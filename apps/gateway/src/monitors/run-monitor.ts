import { randomUUID } from 'node:crypto';
import { errorText, FleetError, isFleetError } from '@fleet/errors';
import type { Services } from '../services';

/** A run that somebody asked for. */
export interface AskedRun {
  readonly executionId: string;
  readonly workflowId: string;
}

/**
 * Runs a monitor now, in whatever state it is. The run is noted before its workflow is started: of two that are asked for at
 * once, and of one beside a scheduled one, one is refused. When Temporal does not take it the run is closed as failed; a start
 * that arrives there late finds it closed, and one that began meanwhile counts.
 *
 * @param key Idempotency-Key: the same one again gives the same run. Default: a new one.
 * @throws FleetError `monitor_running`, `monitor_not_found`, `idempotency_key_reused`, `temporal_unavailable`,
 * `temporal_disabled`, `store_unavailable`
 */
export async function runMonitor(
  { client, store }: Pick<Services, 'client' | 'store'>,
  monitorId: string,
  suppressNotifications: boolean,
  key: string = randomUUID(),
): Promise<AskedRun> {
  const { owner } = await store.monitors.get(monitorId);
  const run = await store.monitorExecutions.insertPending({
    monitorId,
    key: `${monitorId}/${key}`,
    suppressNotifications,
  });
  if (run.suppressNotifications !== suppressNotifications) throw new FleetError('idempotency_key_reused', { key });
  const asked = { executionId: run.id, workflowId: `monitor/${monitorId}/${run.id}` };
  if (run.status !== 'pending') return asked;
  try {
    await client.start('monitor', { monitorId, executionId: run.id }, { id: asked.workflowId, owner });
  } catch (error) {
    // By an earlier request with the same key.
    if (isFleetError(error) && error.code === 'job_exists') return asked;
    const failure = {
      code: isFleetError(error) ? error.code : 'internal_error',
      message: `It was not started: ${isFleetError(error) ? error.message : errorText(error)}`,
    };
    if (await store.monitorExecutions.closeUnstarted(run.id, failure)) throw error;
  }
  return asked;
}

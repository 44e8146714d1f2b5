import { setTimeout as sleep } from 'node:timers/promises';
import { createArtifactActivities } from '@fleet/activities/artifacts';
import { createRecordActivities, type RecordStore } from '@fleet/activities/records';
import { errorText } from '@fleet/errors';
import type { Store } from '@fleet/store';
import type { Logger } from '@fleet/telemetry';

/** What the upkeep works with. */
export interface UpkeepOptions {
  readonly store: RecordStore & Pick<Store, 'artifacts' | 'upkeep'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Milliseconds between two looks at whether the hour is claimed. Default 300,000. */
  readonly everyMs?: number;
}

/** The upkeep of a gateway that runs. */
export interface RunningUpkeep {
  /** Resolves when nothing is deleted any more: within the time of one statement. */
  stop(): Promise<void>;
}

/**
 * Deletes old records and artefacts once an hour, in whichever gateway claims the hour first. For gateways without Temporal,
 * whose schedule `daily-maintenance` does it elsewhere. What fails is left to the next hour.
 */
export function startUpkeep({ store, logger, everyMs = 300_000 }: UpkeepOptions): RunningUpkeep {
  const stopping = new AbortController();
  const ended = untilStopped({ store, logger, everyMs }, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

async function untilStopped({ everyMs, ...parts }: Required<UpkeepOptions>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await onceAnHour(parts, signal);
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function onceAnHour(
  { store, logger }: Pick<UpkeepOptions, 'store' | 'logger'>,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (!(await store.upkeep.claimHour())) return;
    const scope = {
      signal,
      heartbeat: () => undefined,
      attempt: 1,
      idempotencyKey: 'upkeep',
      jobId: 'upkeep',
      owner: 'local',
      lastHeartbeat: undefined,
    };
    const pruned = await createRecordActivities({ store }).pruneRecords({}, scope);
    const cleanUp = await createArtifactActivities({ store }).cleanUpArtifacts({}, scope);
    logger.info({ pruned, cleanUp }, 'upkeep');
  } catch (error) {
    if (!signal.aborted) logger.warn({ reason: errorText(error) }, 'the upkeep of this hour has failed');
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { applyPending, type ScheduleWriting } from '@fleet/activities/schedules';
import { errorText, type FleetError } from '@fleet/errors';
import type { Logger } from '@fleet/telemetry';

/** What the loop works with. */
export interface ApplyLoopOptions extends ScheduleWriting {
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Milliseconds between two looks. Default 5,000. */
  readonly everyMs?: number;
}

/** A loop that runs. */
export interface ApplyLoop {
  /** Resolves when nothing is written any more: within the time of one call to Temporal. */
  stop(): Promise<void>;
}

/** Writes to Temporal what a gateway that died, or an outage, left over: each change converges without anybody's help. */
export function startApplyLoop({ logger, everyMs = 5000, ...writing }: ApplyLoopOptions): ApplyLoop {
  const stopping = new AbortController();
  const { signal } = stopping;
  let told = '';
  /** @returns whether there may be more to write than one look finds: an outage leaves thousands. */
  const round = async (): Promise<boolean> => {
    const { applied, failed } = await applyPending(writing, { signal });
    if (applied > 0) logger.info({ schedules: applied }, 'schedules were brought to Temporal');
    // An outage is one line, not one every few seconds.
    const now = failed.map(({ id, reason }) => `${id}: ${wordsOf(reason)}`).join(', ');
    if (now !== '' && now !== told) logger.warn({ schedules: now }, 'schedules are not on Temporal yet');
    told = now;
    return applied > 0 && failed.length === 0;
  };
  const ended = (async () => {
    while (!signal.aborted) {
      const goesOn = await round().catch((error: unknown) => {
        if (told !== errorText(error)) logger.warn({ reason: errorText(error) }, 'schedules were not looked at');
        told = errorText(error);
        return false;
      });
      if (goesOn) continue;
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

/** Of an error that the table does not know the log has the words. */
function wordsOf({ code, cause }: FleetError): string {
  return code === 'internal_error' ? errorText(cause) : code;
}

import type { SignalQueue } from '../context/signal-queue';
import type { NewRun } from '../journal-store';

/** What `continueAsNew` throws; carries the input of the next run. Not an Error: code that catches errors lets it pass. */
export class ContinueAsNew {
  constructor(
    readonly workflow: string,
    /** JSON. */
    readonly input: string | undefined,
  ) {}
}

/** The run that goes on where another ends: same id, owner and end of its time, with the signals that nobody has used. */
export function nextRun(
  { id, ordinal, owner, timeoutAt, parentRunId }: NewRun,
  runId: string,
  { workflow, input }: ContinueAsNew,
  signals: SignalQueue,
): NewRun {
  const unused = signals.unused();
  const carried = unused.length > 0 ? JSON.stringify(unused) : undefined;
  return {
    id,
    runId,
    ordinal: ordinal + 1,
    workflow,
    owner,
    timeoutAt,
    ...(parentRunId !== undefined && { parentRunId }),
    ...(input && { input }),
    ...(carried && { carried }),
  };
}

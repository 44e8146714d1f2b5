import { FleetError } from '@fleet/errors';

/** How often Temporal is looked at while somebody waits for it, milliseconds; after a failure. */
const EVERY_MS = 1_000;
const AGAIN_MS = 250;
/** Silence that counts as a failure, milliseconds, and how many in a row are an outage. */
const SILENCE_MS = 2_000;
const FAILURES = 2;

/** Somebody's wait for Temporal. */
export interface Watch {
  /** Aborts with FleetError `temporal_unavailable` once nothing can come from there. */
  readonly signal: AbortSignal;
  end(): void;
}

/**
 * Looks at Temporal once a second for all who wait for a result of it: a server that refuses connections ends a wait by
 * itself, one that went silent or has no worker left does not.
 */
export class Vigil {
  private readonly watches = new Set<AbortController>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  private failures = 0;
  private lookedAt = -Infinity;

  /** @param ready Whether Temporal answers and a worker is there. */
  constructor(private readonly ready: () => Promise<boolean>) {}

  begin(): Watch {
    const watch = new AbortController();
    this.watches.add(watch);
    this.schedule(EVERY_MS - (performance.now() - this.lookedAt));
    return { signal: watch.signal, end: () => void this.watches.delete(watch) };
  }

  close(): void {
    this.watches.clear();
    clearTimeout(this.timer);
  }

  private schedule(ms: number): void {
    if (this.looking || this.timer !== undefined) return;
    this.timer = setTimeout(() => void this.look(), Math.max(0, ms));
  }

  private async look(): Promise<void> {
    this.timer = undefined;
    if (this.watches.size === 0) return;
    this.looking = true;
    const found = await this.answerInTime();
    this.looking = false;
    this.lookedAt = performance.now();
    this.failures = found === 'ready' ? 0 : this.failures + 1;
    if (found === 'no workers' || this.failures >= FAILURES) this.giveUp(found);
    if (this.watches.size > 0) this.schedule(found === 'ready' ? EVERY_MS : AGAIN_MS);
  }

  private async answerInTime(): Promise<'ready' | 'no workers' | 'no answer'> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<'no answer'>((resolve) => {
      timer = setTimeout(() => resolve('no answer'), SILENCE_MS);
    });
    const answer = this.ready().then(
      (isReady) => (isReady ? 'ready' : 'no workers'),
      () => 'no answer' as const,
    );
    const found = await Promise.race([answer, silence]);
    clearTimeout(timer);
    return found;
  }

  private giveUp(found: string): void {
    const cause = new Error(found);
    const error = new FleetError('temporal_unavailable', {}, { cause });
    for (const watch of this.watches) watch.abort(error);
    this.watches.clear();
  }
}

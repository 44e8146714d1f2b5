/** How often Core's counters are read. Milliseconds. */
const READ_EVERY_MS = 5000;
/** Refusals must go on for this long: a key that is being exchanged is refused for a moment too. Milliseconds. */
const PATIENCE_MS = 55_000;
/** A pause this long between refusals means that polls get through again. Core waits at most 10 s between two. Milliseconds. */
const QUIET_MS = 20_000;
/** Answers that no later poll with the same key will change. */
const REFUSAL =
  /^temporal_long_request_failure(?:_total)?\{.*status_code="(?:UNAUTHENTICATED|PERMISSION_DENIED)".*\} (\d+)/gm;

/**
 * Notices that the server refuses our polls for good. With autoscaled pollers Core goes on asking for ever and the worker
 * says RUNNING (seen: 200 s of UNAUTHENTICATED, and no change of state), so we count the refusals in its metrics.
 */
export class PollWatch {
  private refusals = 0;
  private since: number | undefined;
  private lastAt = 0;

  /** Takes in Core's metrics. @returns true once polls have been refused for {@link PATIENCE_MS}. */
  observe(metrics: string, now: number): boolean {
    const refusals = [...metrics.matchAll(REFUSAL)].reduce((sum, [, count]) => sum + Number(count), 0);
    if (refusals > this.refusals) {
      if (this.since === undefined || now - this.lastAt > QUIET_MS) this.since = now;
      this.lastAt = now;
    }
    this.refusals = refusals;
    return this.since !== undefined && this.lastAt - this.since >= PATIENCE_MS;
  }
}

/** Rejects when polls are refused for good. Call `stop` when the worker has ended. */
export function watchPolls(coreMetrics: () => Promise<string>): { readonly refused: Promise<never>; stop(): void } {
  const watch = new PollWatch();
  let timer: NodeJS.Timeout | undefined;
  const refused = new Promise<never>((_, reject) => {
    const look = async (): Promise<void> => {
      const text = await coreMetrics();
      // Metrics that cannot be read for once say nothing about polls.
      if (text !== '' && watch.observe(text, Date.now()))
        reject(new Error('the server no longer accepts its credentials'));
    };
    timer = setInterval(() => void look(), READ_EVERY_MS);
  });
  return { refused, stop: () => clearInterval(timer) };
}

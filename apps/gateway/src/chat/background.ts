import { setTimeout as sleep } from 'node:timers/promises';

/** Work that nobody waits for until the process ends. */
export class Background {
  readonly #running = new Set<Promise<unknown>>();

  /** @param onError told what the work fails with */
  add(work: Promise<unknown>, onError: (error: unknown) => void): void {
    const tracked = work.catch(onError).finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  /** Resolves when all is done, or after that many milliseconds. */
  async done(ms: number): Promise<void> {
    const over = new AbortController();
    const late = sleep(ms, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([Promise.all(this.#running), late]).finally(() => over.abort());
  }
}

import { setMaxListeners } from 'node:events';

/** Whether the gateway still takes work. Long waits end at once when it no longer does. */
export class Lifecycle {
  readonly #controller = new AbortController();
  readonly #cut = new AbortController();

  /** Aborted when the drain is about to end: whoever still waits is told so while there is time to. */
  readonly cut: AbortSignal = this.#cut.signal;

  constructor() {
    // Any number of requests may wait at once, and none is a leak.
    setMaxListeners(0, this.#controller.signal, this.#cut.signal);
  }

  get draining(): boolean {
    return this.#controller.signal.aborted;
  }

  /** From now on /readyz answers 503 and waiting requests are answered with what is known. */
  drain(): void {
    this.#controller.abort();
  }

  /** What cannot be finished is ended with a word. */
  endWaits(): void {
    this.#cut.abort();
  }

  /** The value of the promise, or undefined when draining begins first. */
  async untilDraining<T>(promise: Promise<T>): Promise<T | undefined> {
    const { signal } = this.#controller;
    if (signal.aborted) return undefined;
    const ended = new AbortController();
    const drained = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true, signal: ended.signal });
    });
    // Whoever loses the race is still settled: a late failure must not end the process.
    promise.catch(() => undefined);
    return Promise.race([promise, drained]).finally(() => ended.abort());
  }
}

/** Milliseconds for which a model is left alone that could not be written down as disabled. */
const UNWRITTEN_MS = 60_000;

interface Entry {
  readonly reason: string;
  readonly until: number;
}

/** Models that this process knows to be disabled before what it reads of the others says so. */
export class OwnDisabled {
  readonly #models = new Map<string, Entry>();
  #written: ReadonlySet<Entry> = new Set();

  /** For a minute: one that was not written by then is asked again, and its provider says so again. */
  add(modelId: string, reason: string): void {
    this.#models.set(modelId, { reason, until: performance.now() + UNWRITTEN_MS });
  }

  /** The store has it: whatever is read from now on counts. */
  written(modelId: string): void {
    const entry = this.#models.get(modelId);
    if (entry) this.#written = new Set([...this.#written, entry]);
  }

  /** To be called before a read. @returns to be called after it: drops what the read knows better. */
  reading(): () => void {
    const known = this.#written;
    return () => {
      for (const [modelId, entry] of this.#models) if (known.has(entry)) this.#models.delete(modelId);
      this.#written = new Set([...this.#written].filter((entry) => !known.has(entry)));
    };
  }

  clear(): void {
    this.#models.clear();
    this.#written = new Set();
  }

  /** Its own and these, reasons by model. */
  with(stored: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const now = performance.now();
    for (const [modelId, { until }] of this.#models) if (until <= now) this.#models.delete(modelId);
    if (this.#models.size === 0) return stored;
    return new Map([...[...this.#models].map(([modelId, { reason }]) => [modelId, reason] as const), ...stored]);
  }
}

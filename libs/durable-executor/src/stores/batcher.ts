import { isFleetError } from '@fleet/errors';

/** Items written in one statement at most. */
const LARGEST_BATCH = 200;

/**
 * Collects what is asked for while statements are under way, and does it in one: one commit for many workflows when many
 * run, no waiting when one runs alone.
 */
export class Batcher<Item, Result> {
  private waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  private underWay = 0;

  /** @param run Does all of them, and gives the results in their order. */
  constructor(
    private readonly run: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly atOnce: number,
  ) {}

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      // Not at once: what the same turn of the loop asks for goes together.
      if (this.waiting.length === 1) queueMicrotask(() => this.next());
    });
  }

  private next(): void {
    if (this.underWay >= this.atOnce || this.waiting.length === 0) return;
    const batch = this.waiting.splice(0, LARGEST_BATCH);
    this.underWay += 1;
    void this.runAll(batch).finally(() => {
      this.underWay -= 1;
      this.next();
    });
  }

  private async runAll(batch: typeof this.waiting): Promise<void> {
    try {
      const results = await this.run(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
    } catch (error) {
      // One that the database refuses must not keep the others from being written.
      const together = batch.length === 1 || isFleetError(error);
      if (!together) await Promise.all(batch.map((entry) => this.runAll([entry])));
      else for (const { reject } of batch) reject(error);
    }
  }
}

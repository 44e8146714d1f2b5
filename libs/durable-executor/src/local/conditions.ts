/** A condition of `waitUntil`. */
export interface Condition {
  readonly isTrue: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The conditions that the code of one run waits for. */
export class Conditions {
  private readonly waiting = new Set<Condition>();

  /** @returns what ends the wait. */
  add(condition: Condition): () => void {
    this.waiting.add(condition);
    return () => void this.waiting.delete(condition);
  }

  /** Answers those that hold now, and those that throw. @returns true when there was one. */
  wake(): boolean {
    let woken = false;
    for (const condition of this.waiting) {
      try {
        if (!condition.isTrue()) continue;
        condition.resolve();
      } catch (error) {
        condition.reject(error);
      }
      this.waiting.delete(condition);
      woken = true;
    }
    return woken;
  }
}

import type { CanceledError } from '../context';

/** An operation of a run that has no answer yet. */
export interface PendingOperation {
  readonly name: string;
  /** Within `nonCancellable`: a cancellation does not touch it. */
  readonly shielded: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Starts what is to happen in the world. */
  readonly begin: () => void;
  /** Stops it, without an answer. */
  readonly stop: (reason: unknown) => void;
  /** Asked to end and waited for, instead of being dropped, when the run is cancelled. */
  readonly onCancel?: (reason: string) => void;
  begun: boolean;
}

/** A wait that is no operation: for a signal or a condition. */
export interface Wait {
  readonly shielded: boolean;
  readonly reject: (error: unknown) => void;
}

/** All that one run waits for. */
export class Pending {
  private readonly operations = new Map<number, PendingOperation>();
  private readonly waits = new Set<Wait>();

  add(number: number, operation: PendingOperation): void {
    this.operations.set(number, operation);
  }

  has(number: number): boolean {
    return this.operations.has(number);
  }

  /** Takes an operation out, to answer it. */
  take(number: number): PendingOperation | undefined {
    const operation = this.operations.get(number);
    this.operations.delete(number);
    return operation;
  }

  /** @returns what ends the wait. */
  wait(wait: Wait): () => void {
    this.waits.add(wait);
    return () => void this.waits.delete(wait);
  }

  /** Starts what a replay has asked for and found no answer to. */
  begin(): void {
    for (const operation of this.operations.values()) {
      if (operation.begun) continue;
      operation.begun = true;
      operation.begin();
    }
  }

  /** Ends all that a cancellation may end. */
  cancel(error: CanceledError): void {
    for (const [number, operation] of this.operations) {
      if (operation.shielded) continue;
      if (operation.onCancel !== undefined) {
        operation.onCancel(error.reason);
        continue;
      }
      this.operations.delete(number);
      operation.stop(error);
      operation.reject(error);
    }
    for (const wait of this.waits) {
      if (wait.shielded) continue;
      this.waits.delete(wait);
      wait.reject(error);
    }
  }

  /** Ends everything without an answer: the run is over, or another host's. */
  stop(reason: unknown): void {
    for (const operation of this.operations.values()) operation.stop(reason);
    this.operations.clear();
    this.waits.clear();
  }
}

import type { Signal } from './workflow-context';

/** A signal that was received and not used yet. */
export interface BufferedSignal {
  readonly name: string;
  readonly signal: Signal<unknown>;
}

interface Waiter {
  readonly name: string;
  readonly take: (signal: Signal<unknown>) => void;
}

/** Signals of one run, kept until a receiver asks. Whoever waited first gets the next one of the name. */
export class SignalQueue {
  private buffered: BufferedSignal[] = [];
  private waiters: Waiter[] = [];

  deliver(name: string, signal: Signal<unknown>): void {
    const at = this.waiters.findIndex((waiter) => waiter.name === name);
    if (at === -1) this.buffered.push({ name, signal });
    else this.waiters.splice(at, 1)[0]?.take(signal);
  }

  /** The oldest one of the name, when there is one. */
  take(name: string): Signal<unknown> | undefined {
    const at = this.buffered.findIndex((item) => item.name === name);
    return at === -1 ? undefined : this.buffered.splice(at, 1)[0]?.signal;
  }

  /** @returns what ends the wait. */
  wait(name: string, take: (signal: Signal<unknown>) => void): () => void {
    const waiter = { name, take };
    this.waiters.push(waiter);
    return () => void (this.waiters = this.waiters.filter((item) => item !== waiter));
  }

  /** What nobody has used. */
  unused(): readonly BufferedSignal[] {
    return this.buffered;
  }
}

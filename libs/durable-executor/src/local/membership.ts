import { errorText } from '@fleet/errors';
import type { ClaimedRun, JournalStore, StoredMessage } from '../journal-store';

/** Runs taken over in one go. */
const CLAIM_LIMIT = 100;
/** How long after a write without an answer its effect may still come, milliseconds: longer than any statement runs. */
const DOUBT_MS = 30_000;

/** What a host does with what it is told. */
export interface HostEvents {
  onClaimed(run: ClaimedRun): void;
  onMessage(message: StoredMessage): void;
  /** This host may have lost claims, or got some it was not told of. @returns runs that are its own and that it does not have. */
  compare(): Promise<readonly string[]>;
  onError(error: unknown): void;
}

/**
 * One process among those that share a store: gives signs of life, takes over what dead ones left, and begins nothing while
 * it may have lost its own claims.
 */
export class Membership {
  private timer: NodeJS.Timeout | undefined;
  private started: Promise<void> | undefined;
  private unwatch: (() => Promise<void>) | undefined;
  private aliveAt = Number.NEGATIVE_INFINITY;
  private ticking: Promise<void> | undefined;
  private closed = false;
  private failures = 0;
  private doubtUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: JournalStore,
    private readonly lease: { readonly host: string; readonly leaseMs: number },
    private readonly workflows: readonly string[],
    private readonly events: HostEvents,
  ) {}

  /** Resolves once the first sign of life was given and what was free is taken over. */
  start(): Promise<void> {
    this.started ??= this.begin().catch((error: unknown) => {
      this.started = undefined;
      throw error;
    });
    return this.started;
  }

  /** Resolves as long as the claims of this host stand; else when they were looked at again. */
  async mayBegin(): Promise<void> {
    while (performance.now() - this.aliveAt > (this.lease.leaseMs * 2) / 3) {
      if (this.closed) throw new Error('the executor is closed');
      await this.tick();
      if (this.failures > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** A write was not answered: what this host has and what the store says it has are compared until that is settled. */
  doubt(): void {
    this.doubtUntil = performance.now() + DOUBT_MS;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.ticking;
    await this.unwatch?.();
  }

  private async begin(): Promise<void> {
    await this.store.beat(this.lease);
    this.aliveAt = performance.now();
    this.unwatch = await this.store.watch(this.lease.host, (message) => this.events.onMessage(message));
    await this.claimAll([]);
    this.plan();
  }

  private plan(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => void this.tick().then(() => this.plan()), Math.min(1_000, this.lease.leaseMs / 4));
  }

  private tick(): Promise<void> {
    this.ticking ??= this.beat().finally(() => (this.ticking = undefined));
    return this.ticking;
  }

  private async beat(): Promise<void> {
    const sentAt = performance.now();
    try {
      const messages = await this.store.beat(this.lease);
      // Another host may have taken runs over while this one was silent, and nothing of them may begin here.
      const doubtful = sentAt - this.aliveAt > this.lease.leaseMs || this.failures > 0 || sentAt < this.doubtUntil;
      const lost = doubtful ? await this.events.compare() : [];
      this.aliveAt = sentAt;
      this.failures = 0;
      for (const message of messages) this.events.onMessage(message);
      await this.claimAll(lost);
    } catch (error) {
      this.failures += 1;
      this.doubt();
      if (this.failures === 1) this.events.onError(new Error(`the store does not answer: ${errorText(error)}`));
    }
  }

  private async claimAll(lost: readonly string[]): Promise<void> {
    for (let left = lost; ;) {
      const claimed = await this.claim(left);
      for (const run of claimed) this.events.onClaimed(run);
      if (claimed.length < CLAIM_LIMIT) return;
      left = left.filter((runId) => !claimed.some((run) => run.runId === runId));
    }
  }

  private async claim(lost: readonly string[]): Promise<readonly ClaimedRun[]> {
    try {
      return await this.store.claim(this.lease.host, this.workflows, CLAIM_LIMIT, lost);
    } catch (error) {
      // Some may be this host's now without having begun.
      this.doubt();
      throw error;
    }
  }
}

import { isFleetError } from '@fleet/errors';
import type { Append, Closing, JournalEntry, UpdateOutcome } from '../journal-store';

/** Waits between two tries of a write that the store did not take, milliseconds. */
const RETRY_MS = { first: 50, longest: 1_000 };
/** How long what nobody waits for may lie in memory: a running activity is in the history this soon. */
const IDLE_FLUSH_MS = 20;

/** Thrown by a writer whose run is another host's now. The run is dropped without a trace: the other goes on with it. */
export class OwnershipLost extends Error {}

/** Records what is handed to it. @returns false when the run is no longer this host's. */
export type Write = (append: Append) => Promise<boolean>;

const ASKED_ONLY: ReadonlySet<JournalEntry['type']> = new Set<JournalEntry['type']>(['activity', 'timer', 'child']);

interface Batch {
  entries: JournalEntry[];
  consumed: string[];
  outcomes: { messageId: string; outcome: UpdateOutcome }[];
  closing?: Closing;
}

/**
 * Writes one run's journal: in order, one write at a time, each with all that has come together since the last. So a step
 * costs one write, which carries the end of the step before and the beginning of the next.
 */
export class JournalWriter {
  private batch: Batch = emptyBatch();
  private writing: Promise<void> | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private stopped = false;
  private isLastTry = false;

  constructor(
    private readonly run: { readonly runId: string; readonly fence: number },
    private readonly write: Write,
    private readonly onError: (error: unknown) => void,
  ) {}

  entry(entry: JournalEntry): void {
    this.batch.entries.push(entry);
    this.idleTimer ??= setTimeout(() => void this.durable().catch(() => undefined), IDLE_FLUSH_MS);
  }

  /**
   * Resolves when a new effect may begin: all that the code has been told is recorded. What it merely asked for may follow
   * with its answer, which saves the first write of a run and every write between steps begun together.
   */
  async settled(): Promise<void> {
    if (this.writing !== undefined || this.batch.entries.some(({ type }) => !ASKED_ONLY.has(type)))
      await this.durable();
  }

  consume(messageId: string): void {
    this.batch.consumed.push(messageId);
  }

  answer(messageId: string, outcome: UpdateOutcome): void {
    this.batch.outcomes.push({ messageId, outcome });
  }

  close(closing: Closing): void {
    this.batch.closing = closing;
  }

  /** Resolves when all that was handed over is recorded. @throws OwnershipLost */
  async durable(): Promise<void> {
    while (this.writing !== undefined || !isEmpty(this.batch)) {
      this.writing ??= this.flush();
      await this.writing;
    }
  }

  /** Writes what it has, but waits no longer for a store that is down: whoever takes the run over comes to the same. */
  lastTry(): void {
    this.isLastTry = true;
  }

  /** Writes nothing any more. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.idleTimer);
    this.batch = emptyBatch();
  }

  private async flush(): Promise<void> {
    clearTimeout(this.idleTimer);
    this.idleTimer = undefined;
    const { batch } = this;
    this.batch = emptyBatch();
    try {
      await this.untilTaken({ ...this.run, ...batch });
    } finally {
      this.writing = undefined;
    }
  }

  /** A store that is down is waited for, however long; the run stands still meanwhile. */
  private async untilTaken(append: Append): Promise<void> {
    for (let tries = 0, waitMs = RETRY_MS.first; ; tries += 1, waitMs = Math.min(waitMs * 2, RETRY_MS.longest)) {
      if (this.stopped) throw new OwnershipLost();
      try {
        if (await this.write(append)) return;
        throw new OwnershipLost();
      } catch (error) {
        if (error instanceof OwnershipLost) throw error;
        if (tries === 0 || !isFleetError(error)) this.onError(error);
        if (this.isLastTry) throw new OwnershipLost();
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

function emptyBatch(): Batch {
  return { entries: [], consumed: [], outcomes: [] };
}

function isEmpty({ entries, consumed, outcomes, closing }: Batch): boolean {
  return entries.length + consumed.length + outcomes.length === 0 && closing === undefined;
}

/** A call as the stand-in got it. */
export interface RecordedCall {
  /** 1, 2, 3 and so on. */
  readonly number: number;
  readonly path: string;
  readonly model: string;
  readonly stream: boolean;
  /** How many messages were sent, with the system's. */
  readonly messages: number;
  readonly tools: readonly string[];
  readonly idempotencyKey?: string | undefined;
  readonly requestId?: string | undefined;
  /** Whether a key was sent; any will do. */
  readonly authorized: boolean;
  /** What was sent; absent when that is large. */
  readonly body?: unknown;
  /** HTTP status of the answer; absent while there is none. */
  readonly status?: number | undefined;
  /** It is over: answered, refused, cut or aborted. */
  readonly ended: boolean;
  /** The caller left before it was over. */
  readonly aborted: boolean;
}

/** What was counted, and the calls themselves. */
export interface CallReport {
  /** Exact, however many there were. */
  readonly total: number;
  readonly aborted: number;
  /** Those that have not ended. */
  readonly open: number;
  /** The most that were open at once. */
  readonly mostOpen: number;
  /** The newest 5,000, the oldest first. */
  readonly calls: readonly RecordedCall[];
}

const KEPT = 5000;
/** Characters of a body that is kept. */
const KEPT_BODY = 8192;

/** A call while it runs. */
export interface OpenCall {
  readonly number: number;
  answered(status: number): void;
  ended(how: 'done' | 'aborted'): void;
}

/** Everything that was asked since the start, or since `clear`. */
export class Calls {
  #calls: RecordedCall[] = [];
  #total = 0;
  #aborted = 0;
  #open = 0;
  #mostOpen = 0;
  #era = 0;

  begin(call: Omit<RecordedCall, 'number' | 'status' | 'ended' | 'aborted'>, bodyText: string): OpenCall {
    const era = this.#era;
    this.#total += 1;
    this.#open += 1;
    this.#mostOpen = Math.max(this.#mostOpen, this.#open);
    const body = bodyText.length <= KEPT_BODY ? call.body : undefined;
    const entry: { -readonly [Key in keyof RecordedCall]: RecordedCall[Key] } = {
      ...call,
      body,
      number: this.#total,
      ended: false,
      aborted: false,
    };
    this.#calls.push(entry);
    if (this.#calls.length > KEPT) this.#calls.shift();
    return {
      number: entry.number,
      answered: (status) => void (entry.status = status),
      ended: (how) => {
        if (entry.ended) return;
        entry.ended = true;
        entry.aborted = how === 'aborted';
        if (era !== this.#era) return;
        this.#open -= 1;
        if (entry.aborted) this.#aborted += 1;
      },
    };
  }

  /** @param model Only calls of that model are listed; the counts are those of all. */
  report(model?: string): CallReport {
    const calls = model === undefined ? this.#calls : this.#calls.filter((call) => call.model === model);
    return { total: this.#total, aborted: this.#aborted, open: this.#open, mostOpen: this.#mostOpen, calls };
  }

  clear(): void {
    this.#era += 1;
    this.#calls = [];
    this.#total = this.#aborted = this.#open = this.#mostOpen = 0;
  }
}

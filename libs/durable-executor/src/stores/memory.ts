import { FleetError } from '@fleet/errors';
import { fromJson } from '../context/json';
import type { WorkflowStatus } from '../executor';
import type {
  Append,
  Closing,
  JournalEntry,
  JournalStore,
  NewMessage,
  NewRun,
  StoredMessage,
  UpdateOutcome,
} from '../journal-store';
import type { StatePage, WorkflowState } from '../store';
import type { ListFilter } from '../executor';
import { cursorAfter, pageRequest } from './page';

interface Row {
  readonly run: NewRun;
  readonly createdAt: number;
  readonly entries: JournalEntry[];
  status: WorkflowStatus;
  host: string | undefined;
  fence: number;
  version: number;
  output?: string | undefined;
  failure?: WorkflowState['failure'];
  continuedAs?: string | undefined;
  closedAt?: number;
}

type MessageRow = StoredMessage & { consumed: boolean; outcome?: UpdateOutcome };

/**
 * A store in memory, for tests and for work that may be lost with the process. It needs nothing, holds JSON and gives out
 * copies, and several executors on one of these see each other as they would on a database.
 */
export function createMemoryStore(): JournalStore {
  return new MemoryStore();
}

class MemoryStore implements JournalStore {
  private readonly rows = new Map<string, Row>();
  /** Oldest first. */
  private readonly runIds = new Map<string, string[]>();
  private readonly messageRows = new Map<string, MessageRow>();
  private readonly leases = new Map<string, number>();
  private readonly watchers = new Map<string, (message: StoredMessage) => void>();
  private sequence = 0;
  private lastTime = 0;

  async save(state: WorkflowState): Promise<WorkflowState> {
    const row = this.rows.get(state.runId);
    if ((row?.version ?? 0) !== state.version)
      throw new FleetError('state_conflict', { id: state.runId, version: state.version });
    const { input, output, failure, continuedAs } = state;
    const saved =
      row ??
      this.insert(
        { ...runOf(state), ...(input !== undefined && { input: JSON.stringify(input) }) },
        undefined,
        state.createdAt.getTime(),
      );
    saved.status = state.status;
    saved.output = output === undefined ? undefined : JSON.stringify(output);
    saved.failure = failure && { ...failure };
    saved.continuedAs = continuedAs;
    if (state.closedAt) saved.closedAt = state.closedAt.getTime();
    saved.version = state.version + 1;
    return stateOf(saved);
  }

  async load(id: string, runId?: string): Promise<WorkflowState> {
    return stateOf(this.row(id, runId));
  }

  async list(filter?: ListFilter): Promise<StatePage> {
    const { status, limit, after } = pageRequest(filter);
    const newestFirst = [...this.rows.values()].toSorted(
      (a, b) => b.createdAt - a.createdAt || (a.run.runId < b.run.runId ? 1 : -1),
    );
    const rest = newestFirst.filter(
      (row) =>
        (status === undefined || row.status === status) &&
        (after === undefined ||
          row.createdAt < after.createdAt ||
          (row.createdAt === after.createdAt && row.run.runId < after.runId)),
    );
    const items = rest.slice(0, limit);
    const last = items.at(-1);
    const more = rest.length > limit && last !== undefined;
    return {
      items: items.map(stateOf),
      ...(more && { nextCursor: cursorAfter({ createdAt: last.createdAt, runId: last.run.runId }) }),
    };
  }

  async delete(id: string): Promise<void> {
    if (this.row(id).status === 'running') throw new FleetError('job_not_closed', { id });
    for (const runId of this.runIds.get(id) ?? []) this.rows.delete(runId);
    this.runIds.delete(id);
    for (const [messageId, message] of this.messageRows)
      if (message.workflowId === id) this.messageRows.delete(messageId);
  }

  async create(run: NewRun, host: string): Promise<boolean> {
    if (this.runIds.has(run.id)) return false;
    this.insert(run, host);
    return true;
  }

  async append({ runId, fence, entries, consumed, outcomes, closing }: Append, host: string): Promise<boolean> {
    const row = this.rows.get(runId);
    if (!row || row.host !== host || row.fence !== fence) return false;
    if (row.status !== 'running' && row.status !== closing?.status) return false;
    row.entries.push(...entries.filter(({ number }) => number > row.entries.length));
    row.version += 1;
    for (const messageId of consumed) this.change(messageId, { consumed: true });
    for (const { messageId, outcome } of outcomes) this.change(messageId, { consumed: true, outcome });
    if (closing) this.end(row, closing, host);
    return true;
  }

  async entries(runId: string): Promise<readonly JournalEntry[]> {
    return [...(this.rows.get(runId)?.entries ?? [])];
  }

  async find(id: string, runId?: string) {
    const row = this.row(id, runId);
    return { run: { ...row.run }, state: stateOf(row) };
  }

  async beat({ host, leaseMs }: { host: string; leaseMs: number }): Promise<readonly StoredMessage[]> {
    this.leases.set(host, Date.now() + leaseMs);
    return this.waiting((message) => this.rows.get(message.runId)?.host === host);
  }

  async fences(host: string): Promise<ReadonlyMap<string, number>> {
    const own = [...this.rows.values()].filter((row) => row.host === host && row.status === 'running');
    return new Map(own.map((row) => [row.run.runId, row.fence]));
  }

  async claim(host: string, workflows: readonly string[], limit: number, lost: readonly string[] = []) {
    const free = [...this.rows.values()].filter(
      (row) =>
        row.status === 'running' &&
        workflows.includes(row.run.workflow) &&
        (!this.isAlive(row.host) || (row.host === host && lost.includes(row.run.runId))),
    );
    return free.slice(0, limit).map((row) => {
      row.host = host;
      row.fence += 1;
      return { ...row.run, fence: row.fence, createdAt: row.createdAt, entries: [...row.entries] };
    });
  }

  async release(host: string): Promise<void> {
    this.leases.delete(host);
    for (const row of this.rows.values()) if (row.host === host && row.status === 'running') row.host = undefined;
  }

  async messages(workflowId: string, runId: string): Promise<readonly StoredMessage[]> {
    return this.waiting((message) => message.workflowId === workflowId && message.runId === runId);
  }

  async send(target: { id: string; runId?: string }, message: NewMessage, host: string) {
    const row = this.row(target.id, target.runId);
    const known = [...this.messageRows.values()].find(
      (item) => message.updateId !== undefined && item.workflowId === target.id && item.updateId === message.updateId,
    );
    if (known) return { ...known };
    if (row.status !== 'running') throw new FleetError('job_closed', { id: target.id, status: row.status });
    this.sequence += 1;
    const stored = { ...message, messageId: String(this.sequence), workflowId: target.id, runId: row.run.runId };
    this.messageRows.set(stored.messageId, { ...stored, consumed: message.kind === 'terminate' });
    if (message.kind === 'terminate') {
      const failure = { type: 'workflow_terminated', message: message.name, retryable: false };
      this.end(row, { status: 'terminated', failure }, host);
    }
    if (row.host !== undefined && row.host !== host) this.watchers.get(row.host)?.({ ...stored });
    return stored;
  }

  async outcome(messageId: string): Promise<UpdateOutcome | undefined> {
    return this.messageRows.get(messageId)?.outcome;
  }

  async watch(host: string, onMessage: (message: StoredMessage) => void): Promise<() => Promise<void>> {
    this.watchers.set(host, onMessage);
    return async () => void this.watchers.delete(host);
  }

  async close(): Promise<void> {}

  private end(row: Row, closing: Closing, host: string): void {
    row.status = closing.status;
    row.output = closing.output;
    row.failure = closing.failure;
    row.continuedAs = closing.next?.runId;
    row.closedAt = Date.now();
    const { next } = closing;
    if (!next || this.rows.has(next.runId)) return;
    this.insert(next, host);
    for (const message of this.messageRows.values())
      if (message.runId === row.run.runId && !message.consumed) this.change(message.messageId, { runId: next.runId });
  }

  private insert(run: NewRun, host: string | undefined, createdAt = this.nextTime()): Row {
    const row: Row = { run: { ...run }, createdAt, entries: [], status: 'running', host, fence: 1, version: 1 };
    this.rows.set(run.runId, row);
    this.runIds.set(run.id, [...(this.runIds.get(run.id) ?? []), run.runId]);
    return row;
  }

  /** Milliseconds that never repeat, so that the order of creation is an order of time. */
  private nextTime(): number {
    this.lastTime = Math.max(Date.now(), this.lastTime + 0.001);
    return this.lastTime;
  }

  private row(id: string, runId?: string): Row {
    const found = this.rows.get(runId ?? this.runIds.get(id)?.at(-1) ?? '');
    if (found?.run.id !== id) throw new FleetError('job_not_found', { id });
    return found;
  }

  private change(messageId: string, change: Partial<MessageRow>): void {
    const message = this.messageRows.get(messageId);
    if (message) this.messageRows.set(messageId, { ...message, ...change });
  }

  private waiting(isWanted: (message: MessageRow) => boolean): StoredMessage[] {
    return [...this.messageRows.values()]
      .filter((message) => !message.consumed && isWanted(message))
      .map((message) => ({ ...message }));
  }

  private isAlive(host: string | undefined): boolean {
    return host !== undefined && (this.leases.get(host) ?? 0) > Date.now();
  }
}

function runOf({ id, runId, workflow, owner }: WorkflowState): NewRun {
  return { id, runId, ordinal: 1, workflow, owner, timeoutAt: Number.MAX_SAFE_INTEGER };
}

function stateOf(row: Row): WorkflowState {
  const { id, runId, workflow, owner, input } = row.run;
  return {
    id,
    runId,
    workflow,
    owner,
    status: row.status,
    input: fromJson(input),
    ...(row.output !== undefined && { output: fromJson(row.output) }),
    ...(row.failure && { failure: { ...row.failure } }),
    ...(row.continuedAs !== undefined && { continuedAs: row.continuedAs }),
    createdAt: new Date(row.createdAt),
    ...(row.closedAt !== undefined && { closedAt: new Date(row.closedAt) }),
    version: row.version,
  };
}

import { isFleetError } from '@fleet/errors';
import { CanceledError, type AnyWorkflow, type WorkflowContext } from '../context';
import { ActivityError, ChildWorkflowError, failureOf, isCanceledError, type Failure } from '../context/failure';
import { fromJson, toJson } from '../context/json';
import type { Closing, CommandType, JournalEntry, NewRun, StoredMessage, UpdateOutcome } from '../journal-store';
import { Conditions, type Condition } from './conditions';
import { ContinueAsNew, nextRun } from './continue-as-new';
import { detailOf, signalOf, timedOut, type Detail } from './entry-detail';
import { Journal, type EntryParts } from './journal';
import { OwnershipLost, type JournalWriter } from './journal-writer';
import { Pending } from './pending';
import { createRunContext } from './run-context';
import type { RunServices } from './run-services';
import { SignalQueue, type BufferedSignal } from '../context/signal-queue';
import { UpdateDesk } from './update-desk';

type Delivery = { readonly parts: EntryParts; readonly messageId?: string };

/** What else than its code a run asks for. */
export interface Command {
  readonly type: CommandType;
  readonly name: string;
  readonly make: (operation: number) => Partial<EntryParts>;
  /** Starts the effect. @returns what stops it. */
  readonly begin: (operation: number, entry: JournalEntry) => (reason: unknown) => void;
  readonly onCancel?: (reason: string) => void;
}

/**
 * One run of a workflow. Its code is given one event per turn of the event loop, so that between two turns it has done all
 * it can with the first: the order of its requests and its events is the same in every replay.
 */
export class WorkflowRun {
  readonly pending = new Pending();
  readonly signals = new SignalQueue();
  readonly updates = new UpdateDesk();
  readonly queries = new Map<string, (input: unknown) => unknown>();
  readonly journal: Journal;
  progress: unknown;
  cancelReason: string | undefined;
  /** Set once the code has ended. */
  closing: Closing | undefined;

  private readonly conditions = new Conditions();
  private readonly deliveries: Delivery[] = [];
  private readonly seenMessages = new Set<string>();
  private operations = 0;
  private turnDue = false;
  private live = false;
  private stopped = false;
  private stopTimeout: (() => void) | undefined;
  private readonly onReplayed: (() => void)[] = [];

  /** @param writer Undefined for a run that is only looked at: it ends where its journal does. */
  constructor(
    readonly run: NewRun,
    private readonly entries: readonly JournalEntry[],
    private readonly definition: AnyWorkflow,
    readonly services: RunServices,
    readonly writer: JournalWriter | undefined,
  ) {
    const append = writer && ((entry: JournalEntry): void => writer.entry(entry));
    this.journal = new Journal(run.id, entries, () => services.clock.now(), append);
    for (const { name, signal } of (fromJson(run.carried) ?? []) as BufferedSignal[])
      this.signals.deliver(name, signal);
  }

  /** Begins, or goes through the journal and on from there. */
  start(): void {
    if (this.writer) {
      const left = this.run.timeoutAt - this.services.clock.now();
      this.stopTimeout = this.services.clock.schedule(left, () =>
        this.close({ status: 'timed_out', failure: timedOut() }),
      );
    }
    const context: WorkflowContext = createRunContext(this);
    // In a function of its own: code that throws before its first wait fails the run like any other.
    const code = async (): Promise<unknown> => this.definition.run(context, fromJson(this.run.input));
    code().then(
      (output) => this.ended(() => ({ status: 'completed', output: toJson(output, `output of ${this.run.id}`) })),
      (error: unknown) => this.ended(() => this.closingOf(error)),
    );
    this.schedule();
  }

  /** Resolves when the whole journal was gone through. */
  replayed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.live || this.stopped) resolve();
      else this.onReplayed.push(resolve);
    });
  }

  /** Hands over a message; one that came before is left out. */
  message(message: StoredMessage): void {
    if (this.stopped || this.seenMessages.has(message.messageId)) return;
    this.seenMessages.add(message.messageId);
    const { name, value, messageId, sentAt, senderId, updateId } = message;
    const detail = JSON.stringify({ messageId, sentAt, senderId, ...(updateId !== undefined && { updateId }) });
    const type = message.kind === 'cancel' ? 'cancel_requested' : message.kind;
    if (type === 'terminate') return this.terminated();
    this.deliver({ type, operation: 0, name, ...(value !== undefined && { value }), detail }, messageId);
  }

  deliver(parts: EntryParts, messageId?: string): void {
    this.deliveries.push({ parts, ...(messageId !== undefined && { messageId }) });
    this.schedule();
  }

  /** Asks for an operation with an answer that comes later. */
  ask(command: Command, shielded: boolean): { readonly operation: number; readonly answer: Promise<unknown> } {
    const operation = this.nextOperation();
    const entry = this.command(command.type, operation, command.name, () => command.make(operation));
    const answer = new Promise((resolve, reject) => {
      if (entry === undefined) return;
      let stop: ((reason: unknown) => void) | undefined;
      const begin = (): void => void (stop = command.begin(operation, entry));
      const begun = this.writer !== undefined && !this.journal.replaying;
      const { name, onCancel } = command;
      const operationParts = {
        name,
        shielded,
        resolve,
        reject,
        begin,
        begun,
        stop: (reason: unknown) => stop?.(reason),
      };
      this.pending.add(operation, { ...operationParts, ...(onCancel && { onCancel }) });
      if (begun) begin();
    });
    return { operation, answer };
  }

  /** Asks for something that is answered at once. */
  value(type: 'now' | 'uuid' | 'random', make: () => unknown): unknown {
    const entry = this.command(type, this.nextOperation(), '', () => ({ value: JSON.stringify(make()) }));
    return entry === undefined ? make() : fromJson(entry.value);
  }

  condition(condition: Condition): () => void {
    const end = this.conditions.add(condition);
    this.schedule();
    return end;
  }

  /** Where an activity stood when the run was last let go of. */
  lastAttempt(operation: number): { attempt: number; notBefore: number; lastHeartbeat: unknown } {
    const note = this.entries.findLast((entry) => entry.type === 'activity_retrying' && entry.operation === operation);
    const detail = (fromJson(note?.detail) ?? {}) as { attempt?: number; notBefore?: number; heartbeat?: unknown };
    return { attempt: (detail.attempt ?? 0) + 1, notBefore: detail.notBefore ?? 0, lastHeartbeat: detail.heartbeat };
  }

  /** It was ended from outside, and that is recorded. */
  terminated(): void {
    if (this.stopped) return;
    this.stop(new Error('terminated'));
    this.services.onDropped(this);
  }

  /** Lets go of the run without a trace: another host goes on with it. */
  abandon(): void {
    if (this.closing) this.writer?.lastTry();
    if (this.stopped) return;
    this.stop(new OwnershipLost());
    this.services.onDropped(this);
  }

  private nextOperation(): number {
    this.operations += 1;
    return this.operations;
  }

  /** Undefined after a violation: the code is not answered any more. */
  private command(
    type: CommandType,
    operation: number,
    name: string,
    make: () => Partial<EntryParts>,
  ): JournalEntry | undefined {
    if (this.stopped) return undefined;
    try {
      return this.journal.command(type, operation, name, make);
    } catch (error) {
      this.violated(error);
      return undefined;
    }
  }

  private schedule(): void {
    if (this.turnDue || this.stopped) return;
    this.turnDue = true;
    setImmediate(() => this.turn());
  }

  private turn(): void {
    this.turnDue = false;
    if (this.stopped) return;
    if (this.conditions.wake()) return this.schedule();
    if (this.journal.replaying && !this.journal.atClose) return this.replayOne();
    if (!this.live) this.goLive();
    const delivery = this.deliveries.shift();
    if (delivery === undefined) return;
    this.deliverOne(delivery);
    this.schedule();
  }

  private replayOne(): void {
    try {
      const entry = this.journal.nextInbound();
      if (entry.type === 'update') this.seenMessages.add(detailOf(entry).messageId ?? '');
      this.apply(entry);
    } catch (error) {
      return this.violated(error);
    }
    this.schedule();
  }

  private goLive(): void {
    this.live = true;
    for (const told of this.onReplayed.splice(0)) told();
    if (this.writer) this.pending.begin();
  }

  private deliverOne({ parts, messageId }: Delivery): void {
    if (parts.operation !== 0 && !this.pending.has(parts.operation)) return;
    if (parts.type === 'update' && messageId !== undefined) {
      const refusal = this.updates.refusal(parts.name, fromJson(parts.value));
      if (refusal !== undefined) return this.answer(messageId, refusal);
    }
    if (messageId !== undefined) this.writer?.consume(messageId);
    const entry = this.journal.add(parts);
    if (entry.type === 'signal') this.services.hooks.onSignal({ ...this.event, signal: entry.name });
    this.apply(entry);
  }

  private apply(entry: JournalEntry): void {
    const detail = detailOf(entry);
    switch (entry.type) {
      case 'activity_completed':
      case 'timer_fired':
        return this.pending.take(entry.operation)?.resolve(fromJson(entry.value));
      case 'activity_failed':
        return this.pending.take(entry.operation)?.reject(new ActivityError(entry.name, detail.failure as Failure));
      case 'child_ended':
        return this.childEnded(entry, detail);
      case 'signal':
        return this.signals.deliver(entry.name, signalOf(entry, detail));
      case 'update':
        return void this.handleUpdate(entry, detail.messageId ?? '');
      case 'cancel_requested':
        return this.cancelRequested(entry.name);
      default:
    }
  }

  private childEnded(entry: JournalEntry, { status, failure, childId = '' }: Detail): void {
    const operation = this.pending.take(entry.operation);
    if (failure === undefined || status === undefined) return operation?.resolve(fromJson(entry.value));
    if (status === 'canceled' && this.cancelReason !== undefined && !operation?.shielded)
      return operation?.reject(new CanceledError(this.cancelReason));
    operation?.reject(new ChildWorkflowError(childId, status, failure));
  }

  private cancelRequested(reason: string): void {
    if (this.cancelReason !== undefined) return;
    this.cancelReason = reason;
    this.pending.cancel(new CanceledError(reason));
  }

  private async handleUpdate(entry: JournalEntry, messageId: string): Promise<void> {
    const outcome = await this.updates.handle(entry.name, fromJson(entry.value));
    const wasReplaying = this.journal.replaying;
    const done = this.command('update_completed', 0, entry.name, () => ({ detail: JSON.stringify({ messageId }) }));
    if (done !== undefined && !wasReplaying) this.answer(messageId, outcome);
  }

  private answer(messageId: string, outcome: UpdateOutcome): void {
    if (!this.writer) return;
    this.writer.answer(messageId, outcome);
    this.writer.durable().then(
      () => this.services.onOutcome(messageId, outcome),
      () => this.abandon(),
    );
  }

  private closingOf(error: unknown): Closing {
    if (error instanceof ContinueAsNew)
      return { status: 'continued_as_new', next: nextRun(this.run, this.services.newRunId(), error, this.signals) };
    const failure = failureOf(error);
    if (isCanceledError(error) && this.cancelReason !== undefined) return { status: 'canceled', failure };
    return { status: 'failed', failure };
  }

  private ended(make: () => Closing): void {
    if (this.stopped) return;
    try {
      this.journal.requireEnd();
    } catch (error) {
      return this.violated(error);
    }
    let closing: Closing;
    try {
      closing = make();
    } catch (error) {
      closing = { status: 'failed', failure: failureOf(error) };
    }
    this.close(closing);
  }

  /** Code that no longer matches its journal can never go on: the run fails, and says at which entry. */
  private violated(error: unknown): void {
    if (isFleetError(error)) this.close({ status: 'failed', failure: failureOf(error) });
    else throw error;
  }

  private close(closing: Closing): void {
    if (this.stopped) return;
    this.closing = closing;
    if (this.writer) {
      this.journal.add({ type: 'closed', operation: 0, name: closing.status });
      this.writer.close(closing);
    }
    // Not the writer: it has the end of the run still to write.
    this.stopped = true;
    this.stopEffects(closing);
    if (!this.writer) return;
    this.writer.durable().then(
      () => this.services.onClosed(this, closing),
      () => this.services.onDropped(this),
    );
  }

  private stop(reason: unknown): void {
    this.stopped = true;
    this.stopEffects(reason);
    this.writer?.stop();
  }

  private stopEffects(reason: unknown): void {
    this.stopTimeout?.();
    this.pending.stop(reason);
    for (const told of this.onReplayed.splice(0)) told();
  }

  get event(): { readonly workflowId: string; readonly runId: string; readonly workflow: string } {
    return { workflowId: this.run.id, runId: this.run.runId, workflow: this.run.workflow };
  }
}

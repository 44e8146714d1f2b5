import { FleetError } from '@fleet/errors';
import type { CommandType, JournalEntry } from '../journal-store';

/** An entry before it has its number and time. */
export type EntryParts = Omit<JournalEntry, 'number' | 'at'>;

const COMMANDS: ReadonlySet<JournalEntry['type']> = new Set<CommandType>([
  'activity',
  'timer',
  'child',
  'now',
  'uuid',
  'random',
  'update_completed',
]);

/**
 * The journal of one run: first what was recorded is gone through again, in order, and every request of the code is compared
 * with it; then new entries are added.
 */
export class Journal {
  private cursor = 0;
  private count: number;

  /** @param append Gets each new entry; undefined for a journal that is only read. */
  constructor(
    private readonly workflowId: string,
    private readonly recorded: readonly JournalEntry[],
    private readonly now: () => number,
    private readonly append: ((entry: JournalEntry) => void) | undefined,
  ) {
    this.count = recorded.length;
    this.skipNotes();
  }

  /** True while recorded entries are left. */
  get replaying(): boolean {
    return this.cursor < this.recorded.length;
  }

  /** The code asks for something. @returns its entry, recorded or new. @throws FleetError `determinism_violation` */
  command(type: CommandType, operation: number, name: string, make: () => Partial<EntryParts>): JournalEntry {
    const entry = this.recorded[this.cursor];
    if (entry === undefined) return this.add({ type, operation, name, ...make() });
    if (entry.type !== type || entry.name !== name || entry.operation !== operation)
      throw this.violation(label({ type, name }));
    this.advance();
    return entry;
  }

  /** The next recorded entry to hand over. @throws FleetError `determinism_violation` when the code should have asked first. */
  nextInbound(): JournalEntry {
    const entry = this.recorded[this.cursor];
    if (entry === undefined || COMMANDS.has(entry.type)) throw this.violation('to wait');
    this.advance();
    return entry;
  }

  /** The code has ended. @throws FleetError `determinism_violation` when more was recorded. */
  requireEnd(): void {
    const entry = this.recorded[this.cursor];
    if (entry !== undefined && entry.type !== 'closed') throw this.violation('to end');
  }

  /** True when the recorded entries go on with the end of the run. */
  get atClose(): boolean {
    return this.recorded[this.cursor]?.type === 'closed';
  }

  add(parts: EntryParts): JournalEntry {
    this.count += 1;
    const entry = { ...parts, number: this.count, at: this.now() };
    this.append?.(entry);
    return entry;
  }

  private advance(): void {
    this.cursor += 1;
    this.skipNotes();
  }

  private skipNotes(): void {
    while (this.recorded[this.cursor]?.type === 'activity_retrying') this.cursor += 1;
  }

  private violation(asked: string): FleetError {
    const entry = this.recorded[this.cursor];
    return new FleetError('determinism_violation', {
      id: this.workflowId,
      entry: entry?.number ?? this.count + 1,
      recorded: entry === undefined ? 'nothing' : label(entry),
      asked,
    });
  }
}

function label({ type, name }: Pick<JournalEntry, 'type' | 'name'>): string {
  return name === '' ? type : `${type} ${JSON.stringify(name)}`;
}

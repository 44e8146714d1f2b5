import type { Failure } from '../context';
import { fromJson } from '../context/json';
import type { HistoryEvent, HistoryEventType } from '../executor';
import type { JournalEntry } from '../journal-store';
import type { WorkflowState } from '../store';

const TYPES: Partial<Record<JournalEntry['type'], HistoryEventType>> = {
  activity: 'activity_started',
  activity_completed: 'activity_completed',
  activity_failed: 'activity_failed',
  signal: 'signal_received',
  timer_fired: 'timer_fired',
};

type Unnumbered = Omit<HistoryEvent, 'number'>;

/** The events of a run from its journal. */
export function historyOf(state: WorkflowState, entries: readonly JournalEntry[]): HistoryEvent[] {
  const events: Unnumbered[] = [{ type: 'workflow_started', at: state.createdAt, name: state.workflow }];
  for (const entry of entries) {
    const type = TYPES[entry.type];
    if (type === undefined) continue;
    const { attempt, failure } = (fromJson(entry.detail) ?? {}) as { attempt?: number; failure?: Failure };
    events.push({
      type,
      at: new Date(entry.at),
      ...(entry.name !== '' && { name: entry.name }),
      ...(attempt !== undefined && { attempt }),
      ...(failure && { failure }),
    });
  }
  const end = closingEvent(state);
  if (end) events.push(end);
  return events.map((event, index) => ({ number: index + 1, ...event }));
}

/** The event that a run ends with; undefined while it runs. */
export function closingEvent({
  status,
  workflow: name,
  closedAt,
  failure,
  continuedAs,
}: WorkflowState): Unnumbered | undefined {
  const at = closedAt ?? new Date(0);
  switch (status) {
    case 'running':
      return undefined;
    case 'completed':
    case 'continued_as_new':
      return { type: 'workflow_completed', at, name, ...(continuedAs !== undefined && { continuedAs }) };
    case 'canceled':
      return { type: 'workflow_canceled', at, name, ...(failure && { failure }) };
    default:
      return { type: 'workflow_failed', at, name, ...(failure && { failure }) };
  }
}

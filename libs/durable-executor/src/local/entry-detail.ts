import type { Signal } from '../context';
import type { Failure } from '../context/failure';
import { fromJson } from '../context/json';
import type { JournalEntry } from '../journal-store';

/** What entries carry besides their value. */
export interface Detail {
  readonly messageId?: string;
  readonly sentAt?: number;
  readonly senderId?: string;
  readonly failure?: Failure;
  readonly status?: 'failed' | 'canceled' | 'terminated' | 'timed_out';
  readonly childId?: string;
}

/** The detail of an entry. */
export function detailOf(entry: JournalEntry): Detail {
  return (fromJson(entry.detail) as Detail | undefined) ?? {};
}

/** The signal of an entry. */
export function signalOf(entry: JournalEntry, { sentAt = entry.at, senderId = '' }: Detail): Signal<unknown> {
  return { payload: fromJson(entry.value), sentAt, senderId };
}

/** Why a run ends whose time is over. */
export function timedOut(): Failure {
  return { type: 'workflow_timed_out', message: 'the workflow ran out of its time', retryable: false };
}

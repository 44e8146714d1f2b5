import type { Failure } from '../context';
import { fromJson } from '../context/json';
import type { WorkflowStatus } from '../executor';
import type { JournalEntry, NewRun, StoredMessage, UpdateOutcome } from '../journal-store';
import type { WorkflowState } from '../store';

/** A row of durable_runs. */
export interface RunRow {
  readonly run_id: string;
  readonly workflow_id: string;
  readonly ordinal: number;
  readonly workflow: string;
  readonly owner: string;
  readonly status: WorkflowStatus;
  readonly input: string | null;
  readonly output: string | null;
  readonly failure: string | null;
  readonly carried: string | null;
  readonly continued_as: string | null;
  readonly parent_run_id: string | null;
  readonly timeout_at: number;
  readonly fence: number;
  readonly version: number;
  readonly created_at: Date;
  readonly closed_at: Date | null;
  /** Epoch microseconds as text: a Date has milliseconds only. */
  readonly created_us: string;
}

/** A row of durable_entries. */
export type EntryRow = Omit<JournalEntry, 'value' | 'detail'> & {
  readonly value: string | null;
  readonly detail: string | null;
};

/** A row of durable_messages, with the run it is for now. */
export interface MessageRow {
  readonly message_id: string;
  readonly workflow_id: string;
  readonly run_id: string;
  readonly kind: StoredMessage['kind'];
  readonly name: string;
  readonly value: string | null;
  readonly sender_id: string;
  readonly sent_at: number;
  readonly update_id: string | null;
  readonly outcome: string | null;
}

export function runOf(row: RunRow): NewRun {
  return {
    id: row.workflow_id,
    runId: row.run_id,
    ordinal: row.ordinal,
    workflow: row.workflow,
    owner: row.owner,
    timeoutAt: row.timeout_at,
    ...(row.input !== null && { input: row.input }),
    ...(row.carried !== null && { carried: row.carried }),
    ...(row.parent_run_id !== null && { parentRunId: row.parent_run_id }),
  };
}

export function stateOf(row: RunRow): WorkflowState {
  return {
    id: row.workflow_id,
    runId: row.run_id,
    workflow: row.workflow,
    status: row.status,
    owner: row.owner,
    input: fromJson(row.input ?? undefined),
    ...(row.output !== null && { output: fromJson(row.output) }),
    ...(row.failure !== null && { failure: fromJson(row.failure) as Failure }),
    ...(row.continued_as !== null && { continuedAs: row.continued_as }),
    createdAt: row.created_at,
    ...(row.closed_at !== null && { closedAt: row.closed_at }),
    version: row.version,
  };
}

export function entryOf({ value, detail, ...row }: EntryRow): JournalEntry {
  return { ...row, ...(value !== null && { value }), ...(detail !== null && { detail }) };
}

export function messageOf(row: MessageRow): StoredMessage & { readonly outcome?: UpdateOutcome } {
  return {
    messageId: row.message_id,
    workflowId: row.workflow_id,
    runId: row.run_id,
    kind: row.kind,
    name: row.name,
    senderId: row.sender_id,
    sentAt: row.sent_at,
    ...(row.value !== null && { value: row.value }),
    ...(row.update_id !== null && { updateId: row.update_id }),
    ...(row.outcome !== null && { outcome: fromJson(row.outcome) as UpdateOutcome }),
  };
}

/** What durable_runs takes of a new run, for json_to_recordset. */
export function newRunRow(run: NewRun): object {
  const { id, runId, ordinal, workflow, owner, input, carried, timeoutAt, parentRunId } = run;
  return {
    run_id: runId,
    workflow_id: id,
    ordinal,
    workflow,
    owner,
    input,
    carried,
    timeout_at: timeoutAt,
    parent_run_id: parentRunId,
  };
}

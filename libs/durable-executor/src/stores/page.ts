import { FleetError } from '@fleet/errors';
import type { ListFilter, WorkflowStatus } from '../executor';

const DEFAULT_LIMIT = 50;
const GREATEST_LIMIT = 200;

const STATUSES: readonly WorkflowStatus[] = [
  'running',
  'completed',
  'failed',
  'canceled',
  'terminated',
  'timed_out',
  'continued_as_new',
];

/** Where a page begins: after this run. */
export interface PageStart {
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly runId: string;
}

/** A filter that can be used. */
export interface PageRequest {
  readonly status: WorkflowStatus | undefined;
  readonly limit: number;
  readonly after: PageStart | undefined;
}

/** @throws FleetError `invalid_input` */
export function pageRequest({ status, limit = DEFAULT_LIMIT, cursor }: ListFilter = {}): PageRequest {
  if (status !== undefined && !STATUSES.includes(status))
    throw refused('status', `must be one of ${STATUSES.join(', ')}`, status);
  if (!Number.isInteger(limit) || limit < 1 || limit > GREATEST_LIMIT)
    throw refused('limit', `must be a whole number from 1 to ${GREATEST_LIMIT}`, limit);
  return { status, limit, after: cursor === undefined ? undefined : decode(cursor) };
}

/** The cursor of the page after this run. */
export function cursorAfter({ createdAt, runId }: PageStart): string {
  return Buffer.from(JSON.stringify([createdAt, runId])).toString('base64url');
}

function decode(cursor: string): PageStart {
  try {
    const [createdAt, runId] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown];
    if (typeof createdAt === 'number' && typeof runId === 'string') return { createdAt, runId };
  } catch {
    // Not one of ours.
  }
  throw refused('cursor', 'must be the nextCursor of the page before', cursor.slice(0, 200));
}

function refused(field: string, rule: string, got: unknown): FleetError {
  return new FleetError('invalid_input', { count: 1 }, { fields: [{ field, rule, got }] });
}

import { FleetError } from '@fleet/errors';
import { isTaskQueueName, TASK_QUEUE_NAMES } from '@fleet/task-queues';
import { entryOf } from '@fleet/workflow-registry';
import { decodeToken, encodeToken, fromCursor, pageSize, toCursor } from '../cursor';
import type { JobKind, JobSummary, ListQuery, Page } from '../fleet-client';
import { GRPC, grpcCodeOf } from '../grpc-errors';
import { withPageToken } from '../page-token';
import type { Server } from '../server';
import { fromActivityInfo, fromWorkflowInfo } from './locate';
import { serverSpelling } from './status';

const DEFAULT_LIMIT = 50;
const GREATEST_LIMIT = 200;

interface RawPage {
  readonly items: readonly JobSummary[];
  readonly token: string | null;
}

/** Where one of the two lists stands: not begun (`null`), after a page (its token), or at its end. */
type Position = string | null;

/** No token: those are base64. */
const END = '-';

const NOTHING: RawPage = { items: [], token: null };

interface Positions {
  readonly workflow: Position;
  readonly job: Position;
}

const KINDS: readonly JobKind[] = ['workflow', 'job'];

/**
 * Workflows and jobs in one list, in the server's own order: running ones by their start, then closed ones by their end,
 * newest first. The server keeps two lists, so the cursor has a position in each.
 */
export async function list(server: Server, query: ListQuery = {}): Promise<Page<JobSummary>> {
  const limit = pageSize(query.limit, DEFAULT_LIMIT, GREATEST_LIMIT);
  const filters = { workflow: filterFor('workflow', query), job: filterFor('job', query) };
  const at = fromCursor(filters, query.cursor, isPositions) ?? startOf(query);
  const fetch = (kind: JobKind, size: number): Promise<RawPage> =>
    withPageToken(query.cursor, tokenAt(at[kind]), (token) =>
      at[kind] === END ? Promise.resolve(NOTHING) : fetchPage(server, kind, filters[kind], token, size),
    );
  return server.bounded(async () => {
    const pages = await byKind((kind) => fetch(kind, limit));
    const merged = [...pages.workflow.items, ...pages.job.items].toSorted(inServerOrder).slice(0, limit);
    const next = await byKind((kind) => {
      const taken = merged.filter((item) => item.kind === kind).length;
      return positionAfter(at[kind], pages[kind], taken, (size) => fetch(kind, size));
    });
    const more = KINDS.some((kind) => next[kind] !== END);
    return { items: merged, ...(more && merged.length > 0 && { nextCursor: toCursor(filters, next) }) };
  });
}

/** After `taken` items of a page: a token stands at the end of its page, so a part of one is asked for again. */
async function positionAfter(
  at: Position,
  page: RawPage,
  taken: number,
  fetch: (size: number) => Promise<RawPage>,
): Promise<Position> {
  if (taken === page.items.length) return page.token ?? END;
  if (taken === 0) return at;
  const part = await fetch(taken);
  return part.token ?? END;
}

function tokenAt(at: Position): Uint8Array | undefined {
  return at === END ? undefined : decodeToken(at);
}

async function fetchPage(
  server: Server,
  kind: JobKind,
  query: string,
  token: Uint8Array | undefined,
  size: number,
): Promise<RawPage> {
  const { workflowService } = server.connection;
  const request = { namespace: server.namespace, query, pageSize: size, nextPageToken: token };
  if (kind === 'workflow') {
    const answer = await workflowService.listWorkflowExecutions(request);
    return { items: (answer.executions ?? []).map(fromWorkflowInfo), token: encodeToken(answer.nextPageToken) };
  }
  try {
    const answer = await workflowService.listActivityExecutions(request);
    return { items: (answer.executions ?? []).map(fromActivityInfo), token: encodeToken(answer.nextPageToken) };
  } catch (error) {
    // A server before 1.31 has no standalone activities, so none are missing from the list.
    if (grpcCodeOf(error) === GRPC.UNIMPLEMENTED) return NOTHING;
    throw error;
  }
}

/** A workflow's name and a status that jobs cannot have rule one of the lists out. */
function startOf({ workflow, status }: ListQuery): Positions {
  const kind = workflow === undefined ? undefined : entryOf(workflow).kind;
  return {
    workflow: kind === 'job' ? END : null,
    job: kind === 'workflow' || status === 'continued_as_new' ? END : null,
  };
}

/** Throws `unknown_workflow`, `unknown_queue` or `invalid_input` for names that do not exist, so none reaches the query. */
function filterFor(kind: JobKind, { workflow, queue, status }: ListQuery): string {
  const conditions: string[] = [];
  if (workflow !== undefined) {
    entryOf(workflow);
    conditions.push(`${kind === 'job' ? 'ActivityType' : 'WorkflowType'} = ${quoted(workflow)}`);
  }
  if (queue !== undefined) {
    if (!isTaskQueueName(queue))
      throw new FleetError('unknown_queue', {
        got: JSON.stringify(queue.slice(0, 100)),
        names: TASK_QUEUE_NAMES.join(', '),
      });
    conditions.push(`TaskQueue = ${quoted(queue)}`);
  }
  if (status !== undefined) conditions.push(`ExecutionStatus = ${quoted(serverSpelling(status))}`);
  return conditions.join(' AND ');
}

/** A value of a visibility query. */
export function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

function inServerOrder(left: JobSummary, right: JobSummary): number {
  return closedTime(right) - closedTime(left) || right.startedAt.getTime() - left.startedAt.getTime();
}

function closedTime(job: JobSummary): number {
  return job.closedAt?.getTime() ?? Number.MAX_SAFE_INTEGER;
}

async function byKind<T>(get: (kind: JobKind) => Promise<T>): Promise<Record<JobKind, T>> {
  const both = [get('workflow'), get('job')] as const;
  // Nothing may be under way after an answer: a retry of the SDK on a client closed meanwhile ends the process.
  await Promise.allSettled(both);
  const [workflow, job] = await Promise.all(both);
  return { workflow, job };
}

function isPosition(part: unknown): boolean {
  return part === null || typeof part === 'string';
}

function isPositions(value: unknown): value is Positions {
  if (typeof value !== 'object' || value === null) return false;
  return 'workflow' in value && 'job' in value && isPosition(value.workflow) && isPosition(value.job);
}

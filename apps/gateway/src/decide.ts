import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { FleetError, isFleetError } from '@fleet/errors';
import type { ApprovalRow } from '@fleet/store';
import {
  DECIDE_UPDATE,
  terminatedOutcome,
  type ApprovalOutcome,
  type Decision,
} from '@fleet/workflow-registry/messages';
import { requireFitting, STATUS_OF } from '@fleet/workflows/portable';
import type { Services } from './services';

type Deciders = Pick<Services, 'client' | 'store' | 'owner'>;

/** Milliseconds to wait for the winner's outcome to be written down, and between two looks. */
const WRITTEN_WITHIN_MS = 2000;
const LOOK_EVERY_MS = 25;

/**
 * Decides a request: the workflow that waits is asked, and answers once the outcome is written down. The first one wins.
 *
 * @param key Idempotency-Key: the same one again gives the same answer, also after the request was settled by it.
 * @throws FleetError `approval_not_found`, `approval_settled` naming the winner, `invalid_input`, `idempotency_key_reused` for
 * another decision under the same key, `temporal_unavailable`, `store_unavailable`
 */
export async function decide(
  { client, store, owner }: Deciders,
  id: string,
  said: Omit<Decision, 'by'>,
  key?: string,
): Promise<ApprovalRow> {
  const row = await store.approvals.get(id);
  const decision = { ...said, by: owner };
  requireFitting(row.type, decision);
  if (row.status !== 'pending' && key === undefined) throw settled(row);
  const updateId = key === undefined ? randomUUID() : `${id}/${key}`;
  try {
    const outcome = await client.update(row.workflowId, DECIDE_UPDATE, decision, { updateId, runId: row.runId });
    if (key !== undefined) requireSame(outcome as ApprovalOutcome, said, key);
    return await store.approvals.get(id);
  } catch (error) {
    throw await explained({ store }, row, error);
  }
}

/** The workflow answers a key that it knows with what was decided under it, whatever is asked now. */
function requireSame(outcome: ApprovalOutcome, { decision, comment, value }: Omit<Decision, 'by'>, key: string): void {
  // Through JSON, as the outcome went.
  const asked: unknown = value === undefined ? undefined : JSON.parse(JSON.stringify(value));
  const isSame =
    outcome.status === STATUS_OF[decision] && outcome.comment === comment && isDeepStrictEqual(outcome.value, asked);
  if (!isSame) throw new FleetError('idempotency_key_reused', { key });
}

async function explained({ store }: Pick<Services, 'store'>, row: ApprovalRow, error: unknown): Promise<unknown> {
  if (!isFleetError(error)) return error;
  if (error.code === 'job_closed') return settled(await settledAfterEnd(store, row.id));
  if (error.details['type'] !== 'approval_settled') return error;
  // The winner is being written down at this moment.
  for (const end = Date.now() + WRITTEN_WITHIN_MS; Date.now() < end; await sleep(LOOK_EVERY_MS)) {
    const now = await store.approvals.get(row.id);
    if (now.status !== 'pending') return settled(now);
  }
  return error;
}

/** A workflow that ends by itself settles its request first. One that was terminated cannot, and nobody waits any more. */
async function settledAfterEnd(store: Services['store'], id: string): Promise<ApprovalRow> {
  const now = await store.approvals.get(id);
  if (now.status !== 'pending') return now;
  return store.approvals.settle(id, terminatedOutcome(id, Date.now()));
}

function settled({ id, status, outcome }: ApprovalRow): FleetError {
  return new FleetError('approval_settled', { id, status, by: outcome?.by ?? 'nobody' });
}

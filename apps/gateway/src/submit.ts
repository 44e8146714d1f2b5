import { randomUUID } from 'node:crypto';
import { FleetError, isFleetError } from '@fleet/errors';
import type { JobRow } from '@fleet/store';
import type { StartedJob } from '@fleet/temporal-client';
import type { Services } from './services';
import type { Submission } from './submission';

type Submitter = Pick<Services, 'client' | 'store' | 'owner'>;

/** A Temporal server whose clock runs behind must not make our own start look older than its claim. */
const CLOCK_SKEW_MS = 5000;

/**
 * Starts a job once. The claim in the store comes first, so that whatever crashes in between, the same request sent again
 * finds out what became of it: a claim whose job Temporal does not know is started now.
 *
 * @throws FleetError `job_exists`, `idempotency_key_reused`, `temporal_unavailable`, `store_unavailable`.
 */
export async function submit(submitter: Submitter, submission: Submission): Promise<StartedJob> {
  const { row, created } = await claim(submitter, submission);
  const runId = created ? undefined : await earlierRun(submitter, submission, row);
  if (runId !== undefined) return answerAgain(submitter, submission, row, runId);
  try {
    return await start(submitter, submission, row.id);
  } catch (error) {
    if (!isFleetError(error) || error.code !== 'job_exists') throw error;
    // Another request with this key was faster, or an earlier one was stopped before it could note its start.
    const fasterRunId = await earlierRun(submitter, submission, row);
    if (fasterRunId === undefined) throw error;
    return answerAgain(submitter, submission, row, fasterRunId);
  }
}

function claim({ store, owner }: Submitter, submission: Submission): Promise<{ row: JobRow; created: boolean }> {
  const { workflow, kind, queue, idempotencyKey, bodySha256 } = submission;
  const id = submission.id ?? `${workflow}-${randomUUID()}`;
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  return store.jobs.claim({ id, workflow, kind, queue, owner, bodySha256, ...key });
}

async function start({ client, store, owner }: Submitter, submission: Submission, id: string): Promise<StartedJob> {
  const { workflow, input, queue, priority } = submission;
  const options = { id, queue, owner, ...(priority === undefined ? {} : { priority }) };
  // The input was checked by the schema of this very workflow, which the compiler cannot follow through the registry.
  const started = await client.start(workflow, input as never, options);
  await noteStart(store, id, started.runId);
  return started;
}

/**
 * The run that an earlier claim led to, if any: noted in the store, or only known to Temporal.
 *
 * @throws FleetError `job_exists` when the id belongs to another request.
 */
async function earlierRun({ client }: Submitter, submission: Submission, row: JobRow): Promise<string | undefined> {
  const { idempotencyKey } = submission;
  const isSameRequest = idempotencyKey !== undefined && row.idempotencyKey === idempotencyKey;
  // An id that was claimed with a key is that request's, even if it never got as far as its start.
  if (!isSameRequest && row.idempotencyKey !== null) throw new FleetError('job_exists', { id: row.id });
  if (isSameRequest && row.runId !== null) return row.runId;
  try {
    const { runId, startedAt } = await client.describe(row.id);
    const isOlder = startedAt.getTime() + CLOCK_SKEW_MS < row.createdAt.getTime();
    if (!isSameRequest || isOlder) throw new FleetError('job_exists', { id: row.id });
    return runId;
  } catch (error) {
    if (isFleetError(error) && error.code === 'job_not_found') return undefined;
    throw error;
  }
}

async function answerAgain(
  { store }: Submitter,
  submission: Submission,
  row: JobRow,
  runId: string,
): Promise<StartedJob> {
  if (row.runId === null) await noteStart(store, row.id, runId);
  return { id: row.id, runId, workflow: submission.workflow, kind: submission.kind, queue: submission.queue };
}

/** The job runs, whether the note is made or not; a request sent again finds it on Temporal. */
async function noteStart(store: Submitter['store'], id: string, runId: string): Promise<void> {
  await store.jobs.started(id, runId).catch((error: unknown) => {
    if (!isFleetError(error)) throw error;
  });
}

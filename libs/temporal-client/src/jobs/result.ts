import type { JobResult, JobStatus } from '../fleet-client';
import type { Server } from '../server';
import { plainFailure } from './failure';
import { locate, type Located } from './locate';
import { activityOutcome, workflowOutcome, type Outcome } from './outcome';
import { isClosed } from './status';

// Below this a long poll is not worth its call.
const SHORTEST_WAIT_MS = 10;

export interface ResultOptions {
  readonly waitMs?: number;
  readonly runId?: string;
}

/** The end of a run, waited for up to `waitMs`; follows a workflow that continues as new unless `runId` names one run. */
export async function result(server: Server, id: string, options: ResultOptions = {}): Promise<JobResult> {
  const until = Date.now() + (options.waitMs ?? 0);
  for (;;) {
    // Each round asks for the state first: that call has the usual deadline, so a dead server is noticed here.
    const found = await server.bounded(() => locate(server, id, options.runId));
    if (isClosed(found.status)) {
      if (found.status !== 'continued_as_new' || options.runId !== undefined) return closed(server, found);
    } else if (until - Date.now() < SHORTEST_WAIT_MS) {
      return { status: found.status as 'running' | 'paused' };
    }
    await untilChange(server, found, Math.max(SHORTEST_WAIT_MS, until - Date.now()));
  }
}

async function closed(server: Server, found: Located): Promise<JobResult> {
  const outcome =
    found.kind === 'job'
      ? activityOutcome(found.activity?.outcome)
      : await server.bounded(() => workflowOutcome(server, found.id, found.runId));
  return ended(found.status, outcome);
}

/** How a closed run ended, in the words of its status: its outcome may be gone already, or never have been told. */
export function ended(status: JobStatus, outcome: Outcome | undefined): JobResult {
  if (status === 'completed')
    return { status, result: (outcome && 'result' in outcome ? outcome.result : null) ?? null };
  const failure = outcome?.failure ?? plainFailure('UnknownFailure', `It ended as ${status}; Temporal has no reason`);
  return { status, failure };
}

/** Returns when the run has ended, when the server ends its long poll, or after `waitMs`. */
async function untilChange(server: Server, found: Located, waitMs: number): Promise<void> {
  const { id, runId, kind } = found;
  const poll = kind === 'job' ? () => pollActivity(server, id, runId) : () => workflowOutcome(server, id, runId, true);
  try {
    await server.bounded<Outcome | undefined>(poll, waitMs);
  } catch {
    // The wait is over, or the server is gone: the next look at the state says which. Not at once, should it be gone.
    await new Promise((resolve) => setTimeout(resolve, Math.min(100, waitMs)));
  }
}

async function pollActivity(server: Server, activityId: string, runId: string): Promise<Outcome | undefined> {
  const { namespace, connection } = server;
  const answer = await connection.workflowService.pollActivityExecution({ namespace, activityId, runId });
  return activityOutcome(answer.outcome);
}

import { entryOf, isWorkflowName } from '@fleet/workflow-registry';
import type { JobDescription, JobSummary } from '../fleet-client';
import { firstValue } from '../payloads';
import type { Server } from '../server';
import { locate, type RawActivity } from './locate';
import { activityOutcome, workflowOutcome, type Outcome } from './outcome';
import { isClosed } from './status';

const PROGRESS_QUERY = 'progress';
// A worker answers in milliseconds; when none runs, a status page must not wait for one.
const PROGRESS_DEADLINE_MS = 1000;

/** Everything about a run: where it stands, how far it is, how it ended. */
export function describe(server: Server, id: string, runId?: string): Promise<JobDescription> {
  return server.bounded(async () => {
    const { activity, ...summary } = await locate(server, id, runId);
    return activity ? describeJob(summary, activity) : describeWorkflow(server, summary);
  });
}

function describeJob(summary: JobSummary, { info, outcome }: RawActivity): JobDescription {
  const progress = firstValue(info?.heartbeatDetails);
  return {
    ...summary,
    ...(progress !== undefined && { progress }),
    attempt: info?.attempt ?? 0,
    ...ending(summary.status === 'completed', activityOutcome(outcome)),
  };
}

async function describeWorkflow(server: Server, summary: JobSummary): Promise<JobDescription> {
  if (isClosed(summary.status)) {
    const outcome = await workflowOutcome(server, summary.id, summary.runId);
    return { ...summary, ...ending(summary.status === 'completed', outcome) };
  }
  const progress = hasProgress(summary.workflow) ? await queryProgress(server, summary.id, summary.runId) : undefined;
  return { ...summary, ...(progress !== undefined && { progress }) };
}

function ending(completed: boolean, outcome: Outcome | undefined): Pick<JobDescription, 'result' | 'failure'> {
  if (outcome?.failure) return { failure: outcome.failure };
  return completed ? { result: outcome?.result ?? null } : {};
}

function hasProgress(workflow: string): boolean {
  if (!isWorkflowName(workflow)) return false;
  const entry = entryOf(workflow);
  return entry.kind === 'workflow' && entry.queries.includes(PROGRESS_QUERY);
}

/** Progress is a courtesy: whatever keeps a worker from answering must not fail the description. */
async function queryProgress(server: Server, id: string, runId: string): Promise<unknown> {
  const ask = (): Promise<unknown> => server.client.workflow.getHandle(id, runId).query(PROGRESS_QUERY);
  return server.bounded(ask, PROGRESS_DEADLINE_MS).catch(() => undefined);
}

import { FleetError } from '@fleet/errors';
import { entryOf, WORKFLOW_NAMES } from '@fleet/workflow-registry';
import type { temporal } from '@temporalio/proto';
import { toDate, toDateOrEpoch } from '../convert';
import type { JobKind, JobSummary } from '../fleet-client';
import { GRPC, grpcCodeOf, isNotFound } from '../grpc-errors';
import type { Server } from '../server';
import { statusOf } from './status';

/** What the server says about a standalone activity. */
export type RawActivity = temporal.api.workflowservice.v1.IDescribeActivityExecutionResponse;

/** A run that exists, as its server describes it. `activity` is the raw answer for a job. */
export interface Located extends JobSummary {
  readonly activity?: RawActivity;
}

/**
 * Finds the run of that id, whichever kind it is.
 *
 * @throws FleetError `job_not_found`.
 */
export async function locate(server: Server, id: string, runId = ''): Promise<Located> {
  if (id === '') throw new FleetError('job_not_found', { id });
  // Ids made by `start` begin with the name, so the first guess is right for all but ids given by callers.
  const kinds: readonly JobKind[] = guessKind(id) === 'job' ? ['job', 'workflow'] : ['workflow', 'job'];
  for (const kind of kinds) {
    const found =
      kind === 'job' ? await describeActivity(server, id, runId) : await describeWorkflow(server, id, runId);
    if (found) return found;
  }
  throw new FleetError('job_not_found', { id });
}

/** The run of that id and kind; undefined when there is none. */
export function find(server: Server, kind: JobKind, id: string): Promise<Located | undefined> {
  return kind === 'job' ? describeActivity(server, id, '') : describeWorkflow(server, id, '');
}

async function describeWorkflow(server: Server, id: string, runId: string): Promise<Located | undefined> {
  const { namespace, connection } = server;
  const answer = await unlessMissing(() =>
    connection.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId: id, runId } }),
  );
  const info = answer?.workflowExecutionInfo;
  return info ? fromWorkflowInfo(info) : undefined;
}

async function describeActivity(server: Server, id: string, runId: string): Promise<Located | undefined> {
  const { namespace, connection } = server;
  const answer = await unlessMissing(() =>
    connection.workflowService.describeActivityExecution({
      namespace,
      activityId: id,
      runId,
      includeOutcome: true,
      includeHeartbeatDetails: true,
      includeLastFailure: true,
    }),
  );
  return answer?.info ? { ...fromActivityInfo(answer.info), activity: answer } : undefined;
}

/** The summary of a workflow, from a description or a list. */
export function fromWorkflowInfo(info: temporal.api.workflow.v1.IWorkflowExecutionInfo): JobSummary {
  const closedAt = toDate(info.closeTime);
  return {
    id: info.execution?.workflowId ?? '',
    runId: info.execution?.runId ?? '',
    workflow: info.type?.name ?? '',
    kind: 'workflow',
    queue: info.taskQueue ?? '',
    status: statusOf('workflow', info.status),
    startedAt: toDateOrEpoch(info.startTime),
    ...(closedAt && { closedAt }),
  };
}

/** The summary of a job, from a description or a list. */
export function fromActivityInfo(
  info: temporal.api.activity.v1.IActivityExecutionInfo | temporal.api.activity.v1.IActivityExecutionListInfo,
): JobSummary {
  const closedAt = toDate(info.closeTime);
  return {
    id: info.activityId ?? '',
    runId: info.runId ?? '',
    workflow: info.activityType?.name ?? '',
    kind: 'job',
    queue: info.taskQueue ?? '',
    status: statusOf('job', info.status),
    startedAt: toDateOrEpoch(info.scheduleTime),
    ...(closedAt && { closedAt }),
  };
}

async function unlessMissing<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    // A run id of the other kind or an id longer than the server takes names nothing either, nor does any id of a kind
    // that the server does not have (standalone activities before 1.31).
    const code = grpcCodeOf(error);
    if (isNotFound(error) || code === GRPC.INVALID_ARGUMENT || code === GRPC.UNIMPLEMENTED) return undefined;
    throw error;
  }
}

function guessKind(id: string): JobKind | undefined {
  const name = WORKFLOW_NAMES.find((candidate) => id.startsWith(`${candidate}-`));
  return name && entryOf(name).kind;
}

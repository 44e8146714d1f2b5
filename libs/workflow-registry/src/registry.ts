import { FleetError } from '@fleet/errors';
import { isTaskQueueName, TASK_QUEUE_NAMES, type TaskQueueName } from '@fleet/task-queues';
import { agent } from './entries/agent';
import { analyzeData } from './entries/analyze-data';
import { approval } from './entries/approval';
import { chat, orchestrate, streamLog } from './entries/chat';
import { cleanUpArtifacts } from './entries/clean-up-artifacts';
import { dailyMaintenance } from './entries/daily-maintenance';
import { deliverNotice } from './entries/deliver-notice';
import { generateImage } from './entries/generate-image';
import { monitor, previewMonitor } from './entries/monitor';
import { probe, probeSteps } from './entries/probe';
import { pruneRecords } from './entries/prune-records';
import { reconcile } from './entries/reconcile';
import { settleAbandonedApprovals } from './entries/settle-abandoned-approvals';
import type { JobEntry, WorkflowEntry } from './entry';

/** Any entry, its types forgotten. */
export type AnyEntry = JobEntry | WorkflowEntry;

/** THE CONTRACT: everything that can be started, by name. The gateway, the CLI, OpenAPI and the typed client derive from it. */
export const REGISTRY = {
  agent,
  analyzeData,
  approval,
  chat,
  cleanUpArtifacts,
  dailyMaintenance,
  deliverNotice,
  generateImage,
  monitor,
  orchestrate,
  previewMonitor,
  probe,
  probeSteps,
  pruneRecords,
  reconcile,
  settleAbandonedApprovals,
  streamLog,
} as const satisfies Readonly<Record<string, AnyEntry>>;

/** Name of a workflow or job of the registry. */
export type WorkflowName = keyof typeof REGISTRY;
/** What the workflow or job of that name takes. */
export type InputOf<Name extends WorkflowName> = (typeof REGISTRY)[Name]['example'];
/** What the workflow or job of that name gives. */
export type OutputOf<Name extends WorkflowName> = (typeof REGISTRY)[Name]['output']['_output'];

/** All names, in alphabetical order. */
export const WORKFLOW_NAMES = Object.keys(REGISTRY).toSorted() as readonly WorkflowName[];

/** Names that anybody may start; the others the fleet starts itself. */
export const SUBMITTABLE_NAMES: readonly WorkflowName[] = WORKFLOW_NAMES.filter(
  (name) => !('internal' in REGISTRY[name]),
);

/** True when the registry has an entry of that name. */
export function isWorkflowName(name: string): name is WorkflowName {
  return Object.hasOwn(REGISTRY, name);
}

/**
 * The entry of that name.
 *
 * @throws FleetError `unknown_workflow` with the names that exist.
 */
export function entryOf(name: string): AnyEntry {
  if (isWorkflowName(name)) return REGISTRY[name];
  throw new FleetError('unknown_workflow', {
    got: JSON.stringify(name.slice(0, 100)),
    names: WORKFLOW_NAMES.join(', '),
  });
}

/**
 * The entry of that name, for whoever asks for a job.
 *
 * @throws FleetError `unknown_workflow` with the names that may be asked for.
 */
export function submittableEntryOf(name: string): AnyEntry {
  if (SUBMITTABLE_NAMES.some((known) => known === name)) return entryOf(name);
  throw new FleetError('unknown_workflow', {
    got: JSON.stringify(name.slice(0, 100)),
    names: SUBMITTABLE_NAMES.join(', '),
  });
}

/**
 * The queue a job goes to: the one asked for, when its entry allows it, else its own.
 *
 * @throws FleetError `unknown_queue` or `queue_not_allowed`.
 */
export function queueFor(name: WorkflowName, asked: string | undefined): TaskQueueName {
  const entry = entryOf(name);
  if (asked === undefined) return entry.queue;
  const got = JSON.stringify(asked.slice(0, 100));
  if (!isTaskQueueName(asked)) throw new FleetError('unknown_queue', { got, names: TASK_QUEUE_NAMES.join(', ') });
  if (entry.allowedQueues.includes(asked)) return asked;
  throw new FleetError('queue_not_allowed', { workflow: name, got, names: entry.allowedQueues.join(', ') });
}

export { type JobEntry, type JobTimeouts, type Retry, type WorkflowEntry, type WorkflowTimeouts } from './entry';
export { parseInput } from './parse-input';
export {
  entryOf,
  isWorkflowName,
  queueFor,
  REGISTRY,
  submittableEntryOf,
  SUBMITTABLE_NAMES,
  WORKFLOW_NAMES,
  type AnyEntry,
  type InputOf,
  type OutputOf,
  type WorkflowName,
} from './registry';
export type { ArtifactRef } from './messages';

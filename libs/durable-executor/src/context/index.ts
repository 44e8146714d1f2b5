// What portable workflow code imports: types and pure functions only, so that it runs in every executor and every sandbox.
export type { ActivityOptions } from './activity-options';
export {
  defineActivity,
  defineQuery,
  defineSignal,
  defineUpdate,
  defineWorkflow,
  type ActivityDefinition,
  type AnyWorkflow,
  type QueryDefinition,
  type SignalDefinition,
  type UpdateDefinition,
  type WorkflowDefinition,
} from './definitions';
export type { Duration } from './duration';
export {
  ActivityError,
  CanceledError,
  ChildWorkflowError,
  isActivityError,
  isCanceledError,
  type Failure,
} from './failure';
export { DEFAULT_RETRY_POLICY, type RetryPolicy } from './retry-policy';
export type {
  Cancellation,
  ChildOptions,
  DetachedOptions,
  Signal,
  SignalReceiver,
  UpdateHandler,
  WorkflowContext,
  WorkflowInfo,
} from './workflow-context';

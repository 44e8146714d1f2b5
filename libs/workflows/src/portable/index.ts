// Workflows written once on WorkflowContext, for every executor. Not what Temporal's bundle is made of: that is ../index.ts.
export { approval, decide, DEFAULT_APPROVAL_MS } from './approval';
export { requireFitting } from './decision';

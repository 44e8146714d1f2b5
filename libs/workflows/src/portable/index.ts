// Workflows written once on WorkflowContext, for every executor. Not what Temporal's bundle is made of: that is ../index.ts.
export { agent, TURNS_PER_RUN } from './agent';
export { approval, decide, DEFAULT_APPROVAL_MS } from './approval';
export { chat } from './chat';
export { chatError } from './chat-failure';
export { requireFitting, STATUS_OF } from './decision';
export { orchestrate } from './orchestrate';
export { streamLog } from './stream-log';

// For the one other lib that speaks to Temporal: the durable executor. Its workflows need not be of the registry.
export { toDate, toDateOrEpoch, toNumber } from './convert';
export { decodeToken, encodeToken, fromCursor, pageSize, toCursor } from './cursor';
export { GRPC, grpcCodeOf, isNotFound } from './grpc-errors';
export { endedUnanswered } from './jobs/update-error';
export { failureFrom } from './jobs/failure';
export { find as findRun, fromWorkflowInfo } from './jobs/locate';
export { workflowOutcome, type Outcome } from './jobs/outcome';
export { isClosed, serverSpelling, statusOf } from './jobs/status';
export { openServer, type OpenOptions } from './open';
export { ownedBy } from './owner-interceptors';
export { firstValue } from './payloads';
export type { Server } from './server';

// For specs of other rooms that run the suite against an executor of theirs.
export { ActivityLog, conformanceActivities } from './activities';
export type { Harness, Subject } from './harness';
export { describeExecutor, type SubjectOptions } from './suite';
export { collecting, CONFORMANCE_WORKFLOWS, go, item, pausing, retries, sleeping, steps } from './workflows';

// For specs of other rooms that run the suite against an executor of theirs.
export { ActivityLog, conformanceActivities } from './activities';
export { describeExecutor, type Subject, type SubjectOptions } from './suite';
export { CONFORMANCE_WORKFLOWS, sleeping } from './workflows';

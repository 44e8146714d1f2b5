export type { Approvals } from './approvals/approvals';
export type { ApprovalCursor, ApprovalFilter, PendingApproval } from './approvals/list';
export type { ApprovalRow, ApprovalStatus, AuditRow, NewApproval, SettledOutcome } from './approvals/row';
export type { Artifacts } from './artifacts/artifacts';
export { CHUNK_BYTES, MAX_ARTIFACT_BYTES, type ByteSource } from './artifacts/chunks';
export type { ArtifactRow, ArtifactState } from './artifacts/row';
export type { ArtifactCursor, SweepOptions, SweepResult } from './artifacts/sweep';
export type { NewArtifact } from './artifacts/upload';
export type { ChatLog, RewardArmRow } from './chat-log/chat-log';
export type { ChatLogCursor, ChatLogFilter } from './chat-log/list';
export type { PointBucket, PointMetric, PointQuery } from './chat-log/points';
export type { ChatLogRow, NewChatLogRow, RewardBucket } from './chat-log/row';
export type { ChatStatistics, StatisticsGroup, StatisticsWindow } from './chat-log/statistics';
export type { EventRow, Events } from './events';
export type { Idempotency, IdempotencyScope, IdempotencyState, IdempotentRequest } from './idempotency';
export type { ImageRow, Images, NewImage } from './images';
export type { JobClaim, JobRow, Jobs } from './jobs';
export type { Journals } from './journals';
export { migrate, type MigrationResult } from './migrate';
export { SCHEMA_VERSION } from './migrations';
export type {
  NewNotice,
  NoticeCursor,
  NoticeFilter,
  NoticeResult,
  Notices,
  NoticeSubject,
  StartedNotice,
} from './monitors/notices';
export { NOTICES_A_DAY, NOTICES_AN_HOUR } from './monitors/notices';
export { BACK_OFF, type BackOff } from './monitors/back-off';
export type { ExecutionCursor, ExecutionFilter, StaleExecution } from './monitors/execution-list';
export type {
  ClosedExecution,
  ComparedState,
  ExecutionFailure,
  ExecutionKey,
  ExecutionWork,
  FoundState,
  OpenedExecution,
  OpenExecution,
  PendingExecution,
} from './monitors/execution-row';
export type { MonitorExecutions } from './monitors/executions';
export type {
  MonitorCursor,
  MonitorFilter,
  Monitors,
  MonitorWithSchedule,
  NewMonitor,
  WrittenMonitor,
} from './monitors/monitors';
export type {
  MonitorCompare,
  MonitorComparison,
  MonitorExecutionRow,
  MonitorExecutionStatus,
  MonitorFailureClass,
  MonitorNotify,
  MonitorRow,
  MonitorSearch,
  MonitorSpec,
  MonitorState,
  NoticeChannel,
  NoticeRow,
} from './monitors/row';
export { monitorScheduleId } from './monitors/schedule-of';
export type { CallClaim, CallKey, CallState, LeasedCallClaim, ProviderCalls } from './provider-calls/provider-calls';
export type { WaitForCallOptions } from './provider-calls/waiters';
export type { OverdueNotice, Reconciliation } from './reconciliation';
export type { DisabledModelRow, ProviderHealthRow, Routing } from './routing/routing';
export {
  sharedRouterState,
  type SharedHealth,
  type SharedRouterState,
  type SharedRouterStateOptions,
  type SharedSnapshot,
} from './routing/router-state';
export type { ScheduleCursor, ScheduleFilter } from './schedules/list';
export {
  scheduleInsert,
  type NewSchedule,
  type ScheduleChange,
  type ScheduleKind,
  type ScheduleRow,
} from './schedules/row';
export type { Schedules } from './schedules/schedules';
export type { ScheduleLease, WriteFailure, WriteResult } from './schedules/writing';
export { openingProblem, waitForSchema, type SchemaSource, type WaitOptions } from './schema';
export { openStore, type Store, type StoreOptions } from './store';
export type { Upkeep } from './upkeep';

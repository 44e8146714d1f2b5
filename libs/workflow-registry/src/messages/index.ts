export type {
  AgentGroup,
  AgentInput,
  AgentLoop,
  AgentOutput,
  ModelAnswer,
  ModelMessage,
  ModelRequest,
  SingleAgent,
  TokenUsage,
  ToolCall,
} from './agent';
export type { AnalyzeDataInput, AnalyzeDataOutput, ClusterSummary, ColumnSummary } from './analyze-data';
export {
  DECIDE_UPDATE,
  LONGEST_APPROVAL_MS,
  terminatedOutcome,
  type ApprovalInput,
  type ApprovalOutcome,
  type ApprovalType,
  type Decision,
  type Risk,
  type SettleAbandonedApprovalsOutput,
  type SettledVia,
} from './approval';
export type { ArtifactRef } from './artifact';
export type {
  ChatAnswered,
  ChatAttempt,
  ChatAttemptResult,
  ChatCompletion,
  ChatDecision,
  ChatErrorClass,
  ChatInput,
  ChatLogEntry,
  ChatMessage,
  ChatMode,
  ChatNarrowing,
  ChatOutput,
  ChatPolicy,
  ChatRequest,
  ChatSkipReason,
  ChatSkips,
  ChatToolCall,
  ChatUnanswered,
  ChatWait,
  ChatUsage,
  OrchestrateInput,
  OrchestrateOutput,
  OrchestrationDirective,
  OrchestrationMode,
  OrchestrationResult,
  RankedModels,
  RankModelsInput,
  StreamLogInput,
  VotedResponse,
} from './chat';
export type { CleanUpArtifactsInput, CleanUpArtifactsOutput } from './clean-up-artifacts';
export type { DailyMaintenanceInput, DailyMaintenanceOutput } from './daily-maintenance';
export type { GenerateImageInput, GenerateImageOutput, ImageRenderer } from './generate-image';
export type {
  DeliverNoticeInput,
  DeliverNoticeOutput,
  MonitorComparison,
  MonitorRunInput,
  MonitorRunOutput,
  MonitorSearchInput,
  NoticeChannel,
  PreviewMonitorInput,
  PreviewMonitorOutput,
} from './monitor';
export type { ProbeInput, ProbeOutput, ProbeStepsInput, ProbeStepsOutput } from './probe';
export { OWNER_HEADER } from './owner';
export { progressQuery, type Progress } from './progress';
export type { PruneRecordsInput, PruneRecordsOutput } from './prune-records';
export type { Finding, ReconcileInput, ReconcileOutput } from './reconcile';

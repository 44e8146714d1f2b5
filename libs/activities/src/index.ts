import type { Router } from '@fleet/model-router';
import { createAgentActivities } from './agents';
import { modelFrom } from './agents/openai-model';
import { createToolRegistry, type Tool } from './agents/tool';
import { calculator } from './agents/tools/calculator';
import { httpGetFrom } from './agents/tools/http-get';
import { createAnalysisActivities } from './analysis';
import type { ActivityStore } from './activity-store';
import { createApprovalActivities } from './approvals';
import type { AskTemporal } from './approvals/abandoned';
import { notifiersFrom, type LogLine } from './approvals/notifiers';
import { policyFrom } from './approvals/policy';
import { createArtifactActivities } from './artifacts';
import { createChatActivities, routerFrom, type ChatDependencies } from './chat';
import { createImageActivities } from './images';
import { createContentFilter } from './images/content-filter';
import { chooseRenderer } from './images/choose-renderer';
import { createMonitorActivities } from './monitors';
import { monitorPolicyFrom } from './monitors/policy';
import { createNoticeActivities } from './notices';
import { mailServerFrom } from './notices/mail-server';
import { createSendMail } from './notices/mailer';
import { createPostWebhook } from './notices/webhook';
import { createProbeActivities } from './probe';
import { createReconcileActivities } from './reconcile';
import { createRecordActivities } from './records';
import { NO_SCHEDULES, type ScheduleServer } from './schedules';

export type { Activity, ActivityScope, Proxied } from './activity-scope';
export type { ActivityStore } from './activity-store';
export type {
  AnalysisProgress,
  ClusterRowsInput,
  ClusterRowsOutput,
  DrawChartInput,
  LoadTableInput,
  SaveReportInput,
  TableInput,
} from './analysis';
export type { ToolResult } from './agents';
export type { ModelClient, ModelQuestion, ToolDescription } from './agents/model-client';
export { defineTool, type Tool, type ToolScope } from './agents/tool';
export type { AskTemporal } from './approvals/abandoned';
export type { OpenApprovalInput, OpenedApproval } from './approvals';
export type { LogLine } from './approvals/notifiers';
export type { TableShape } from './analysis/table';
export type { CleanUpProgress } from './artifacts';
export type { ChatActivities } from './chat';
export type { ImageRecord, RenderedImage } from './images';
export type {
  ClosedMonitorRun,
  ExecutionRef,
  FailedMonitorRun,
  MonitorDependencies,
  ScheduleChanged,
  SearchedMonitor,
} from './monitors';
export type { OpenedNotices, SendNoticeInput, SentNotice } from './notices';
export type { NoticePayload } from './notices/payload';
export type { ImageRequest } from './images/prompt';
export type { ScheduleServer } from './schedules';

/** What all activities together are handed. */
export interface ActivityDependencies {
  readonly store: ActivityStore;
  /** Read once; docs/configuration.md says which variables: those of images, approvals, agents and monitors. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Tools that agents have beside those of the house. Default: none. */
  readonly tools?: readonly Tool[];
  /** Where requests for approval are logged. Default: nowhere. */
  readonly log?: LogLine | undefined;
  /** How workflows stand that wait for approvals. Default: Temporal is not asked, and knows none. */
  readonly askTemporal?: AskTemporal;
  /** What chats are answered by. Default: the environment's. */
  readonly router?: Router;
  /** Where schedules are written. Default: nowhere, which fails with `temporal_disabled`. */
  readonly schedules?: ScheduleServer;
  /** Told of each chat that was logged, once. Default: nobody is. */
  readonly onLogged?: ChatDependencies['onLogged'];
}

/**
 * Every activity of the fleet, by the name that workflows and jobs call it. Nothing is connected or loaded until one runs.
 *
 * @throws FleetError `invalid_variable` for a variable that cannot be used.
 */
export function createActivities({
  store,
  env,
  tools = [],
  log = () => undefined,
  askTemporal = async () => 'unknown',
  schedules = NO_SCHEDULES,
  router = routerFrom(env, store),
  onLogged,
}: ActivityDependencies) {
  const chats = createChatActivities({ store, router, onLogged });
  const policy = monitorPolicyFrom(env);
  return {
    ...createProbeActivities(),
    ...createArtifactActivities({ store }),
    ...createRecordActivities({ store }),
    ...createReconcileActivities({ store, client: schedules }),
    ...createAnalysisActivities({ store }),
    ...createAgentActivities({
      model: modelFrom(env),
      tools: createToolRegistry([calculator, httpGetFrom(env), ...tools]),
    }),
    ...createApprovalActivities({ store, policy: policyFrom(env), notifiers: notifiersFrom(env, log), askTemporal }),
    ...chats,
    ...createMonitorActivities({ store, router, logChat: chats.logResult, policy, client: schedules }),
    ...createNoticeActivities({
      store,
      sendMail: createSendMail(mailServerFrom(env)),
      postWebhook: createPostWebhook(policy),
    }),
    ...createImageActivities({ store, renderer: chooseRenderer(env), filter: createContentFilter(env) }),
  };
}

/** The type of all activities. Workflow code imports only this, and takes the scope off with `Proxied`. */
export type Activities = ReturnType<typeof createActivities>;

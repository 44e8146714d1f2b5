import type { MonitorSearch } from './search';

export type { MonitorSearch };

/** Where a monitor stands. */
export type MonitorState = 'active' | 'paused' | 'completed';
/** When people are told: the first time the condition is met, each time it is, or when it is and the state has changed. */
export type MonitorNotify = 'once' | 'always' | 'track_state';
/** By hash alone, or by hash and then by asking a model whether the difference means anything. */
export type MonitorCompare = 'exact' | 'meaning';
/** Of what kind a failed run's error was: it decides the back-off. */
export type MonitorFailureClass = 'rate_limit' | 'timeout' | 'network' | 'agent' | 'other';

/** How what was found was compared with what was known: the first run has nothing to compare with. */
export type MonitorComparison = 'baseline' | 'hash' | 'meaning';

/** What people say of a monitor. */
export interface MonitorSpec {
  readonly name: string;
  readonly query: string;
  readonly condition: string;
  readonly search: MonitorSearch;
  readonly compare: MonitorCompare;
  readonly notify: MonitorNotify;
  readonly email: string | null;
  readonly webhookUrl: string | null;
  /** Five fields. Null: each result says when the next run is. */
  readonly cron: string | null;
  readonly timezone: string;
  readonly jitterSeconds: number;
  readonly catchupSeconds: number;
}

/** One monitor. */
export interface MonitorRow extends MonitorSpec {
  readonly id: string;
  readonly owner: string;
  readonly state: MonitorState;
  readonly version: number;
  readonly lastStateHash: string | null;
  readonly lastConditionMet: boolean | null;
  readonly failures: number;
  readonly failureClass: MonitorFailureClass | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Where one run of a monitor stands. */
export type MonitorExecutionStatus = 'pending' | 'running' | 'success' | 'failed' | 'canceled';

/** One run of a monitor. */
export interface MonitorExecutionRow {
  readonly id: string;
  readonly monitorId: string;
  readonly trigger: 'schedule' | 'manual';
  readonly suppressNotifications: boolean;
  readonly status: MonitorExecutionStatus;
  readonly workflowId: string | null;
  readonly runId: string | null;
  readonly stateHash: string | null;
  readonly summary: string | null;
  readonly conditionMet: boolean | null;
  readonly changed: boolean | null;
  readonly comparison: MonitorComparison | null;
  readonly notify: boolean | null;
  readonly reason: string | null;
  readonly nextRunAt: Date | null;
  /** The result said that no run is to follow. */
  readonly final: boolean;
  readonly failureClass: MonitorFailureClass | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly closedAt: Date | null;
}

/** How people are told. */
export type NoticeChannel = 'email' | 'webhook';

/** One notice: at most one for an execution and channel. */
export interface NoticeRow {
  readonly id: string;
  readonly executionId: string;
  readonly monitorId: string;
  readonly owner: string;
  readonly channel: NoticeChannel;
  readonly address: string;
  /** JSON value. */
  readonly payload: unknown;
  readonly status: 'pending' | 'delivered' | 'failed' | 'skipped';
  readonly attempts: number;
  readonly reason: string | null;
  readonly createdAt: Date;
  readonly nextAttemptAt: Date | null;
  readonly closedAt: Date | null;
}

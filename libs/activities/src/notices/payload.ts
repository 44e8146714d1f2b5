import type { NoticeSubject } from '@fleet/store';

/** What a notice tells, version 1: the body of a webhook. */
export interface NoticePayload {
  readonly event: 'monitor.condition_met';
  readonly version: 1;
  /** The notice's own id, the same in each try. */
  readonly id: string;
  readonly monitor: NoticeSubject['monitor'];
  readonly execution: {
    readonly id: string;
    readonly summary: string | null;
    readonly changed: boolean | null;
    readonly condition_met: boolean | null;
    /** When the run ended, ISO 8601. */
    readonly at: string | null;
  };
}

/** The payload of the notice with that id. */
export function payloadOf({ monitor, execution }: NoticeSubject, id: string): NoticePayload {
  const { summary, changed, conditionMet, closedAt } = execution;
  return {
    event: 'monitor.condition_met',
    version: 1,
    id,
    monitor,
    execution: {
      id: execution.id,
      summary,
      changed,
      condition_met: conditionMet,
      at: closedAt?.toISOString() ?? null,
    },
  };
}

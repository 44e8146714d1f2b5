import { isFleetError } from '@fleet/errors';
import type { ComparedState, OpenedExecution, OpenExecution, Store } from '@fleet/store';
import type { UrlPolicy } from '@fleet/url-guard';
import type { PreviewMonitorInput, PreviewMonitorOutput } from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';
import type { ScheduleWriting } from '../schedules';
import type { ModelAsking } from './ask-model';
import { createClosing, type ExecutionRef } from './closing';
import { compareStates } from './compare';
import { createHttpSearch } from './http-search';
import { createLlmSearch } from './llm-search';
import { searchState } from './search-state';
import type { SearchProviders } from './search-provider';
import { comparable } from './state';

export type { ClosedMonitorRun, ExecutionRef, FailedMonitorRun, ScheduleChanged } from './closing';

/** Characters of the state that a preview shows. */
const LONGEST_PREVIEW = 20_000;

/** What the activities of monitors are handed. */
export interface MonitorDependencies {
  readonly store: Pick<Store, 'monitorExecutions' | 'providerCalls' | 'schedules'>;
  readonly router: ModelAsking['router'];
  readonly logChat: ModelAsking['log'];
  /** What monitors may read. */
  readonly policy: UrlPolicy;
  /** Where schedules are written. */
  readonly client: ScheduleWriting['client'];
}

/** What a search saw, small enough to travel: the state itself stays in Postgres. */
export interface SearchedMonitor {
  readonly stateHash: string;
  readonly summary: string;
  readonly conditionMet: boolean;
}

/** The steps of a run of a monitor. Each writes to the execution what it found, so that a later attempt finds it there. */
export function createMonitorActivities(dependencies: MonitorDependencies) {
  const { store, router, logChat, policy, client } = dependencies;
  const { monitorExecutions } = store;
  const asking: ModelAsking = { store, router, log: logChat };
  const providers: SearchProviders = { http: createHttpSearch({ policy }), llm: createLlmSearch(asking, { policy }) };
  return {
    ...createClosing({ store, client }),

    /** Opens the execution of a run, once. @throws FleetError `store_unavailable` */
    openMonitorRun: async (run: OpenExecution, { signal }: ActivityScope): Promise<OpenedExecution> => {
      signal.throwIfAborted();
      return monitorExecutions.open(run);
    },

    /**
     * Searches, unless an earlier attempt did.
     *
     * @throws FleetError `page_busy`, `page_failed`, `page_refused`, `page_unreadable` and those of url-guard; those of chats;
     *   `execution_not_found`, `store_unavailable`.
     */
    searchMonitor: async ({ executionId }: ExecutionRef, { signal }: ActivityScope): Promise<SearchedMonitor> => {
      const { execution, spec, question, owner, lastState } = await monitorExecutions.work(executionId);
      if (execution.stateHash === null) {
        const asked = { ...spec, owner, requestId: executionId, lastState: comparable(lastState, spec) };
        try {
          const found = await searchState(providers, asked, { signal });
          await monitorExecutions.found(executionId, { ...found, question });
        } catch (error) {
          const seconds = isFleetError(error) ? Number(error.details['retryAfterSeconds']) : Number.NaN;
          if (seconds > 0) await monitorExecutions.notBefore(executionId, new Date(Date.now() + seconds * 1000));
          throw error;
        }
      }
      const { stateHash, summary, conditionMet } = await monitorExecutions.get(executionId);
      return { stateHash: stateHash ?? '', summary: summary ?? '', conditionMet: conditionMet ?? false };
    },

    /** Compares what was found with what the last run found. @throws as the search of a model does. */
    compareMonitorState: async ({ executionId }: ExecutionRef, { signal }: ActivityScope): Promise<ComparedState> => {
      const work = await monitorExecutions.work(executionId);
      const { changed, comparison } = work.execution;
      if (changed !== null && comparison !== null) return { changed, comparison };
      const compared = await compareStates(asking, work, { signal });
      await monitorExecutions.compared(executionId, compared);
      return compared;
    },

    /** What a monitor would see now. Nothing of it is kept. @throws as `searchMonitor` does. */
    previewMonitor: async (
      input: PreviewMonitorInput,
      { signal, owner, idempotencyKey }: ActivityScope,
    ): Promise<PreviewMonitorOutput> => {
      const question = { ...input, owner, requestId: `preview-${idempotencyKey}`, lastState: undefined };
      const { state, nextRunAt, ...found } = await searchState(providers, question, { signal });
      return {
        ...found,
        state: JSON.stringify(state).slice(0, LONGEST_PREVIEW),
        ...(nextRunAt !== undefined && { nextRunAt: nextRunAt?.getTime() ?? null }),
      };
    },
  };
}

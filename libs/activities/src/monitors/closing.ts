import { monitorScheduleId, type ClosedExecution, type ExecutionKey, type Store } from '@fleet/store';
import { applySchedule, type ScheduleWriting } from '../schedules';
import { failureOf } from './failure-class';

/** Names an execution. */
export interface ExecutionRef {
  readonly executionId: string;
}

/** How a run was closed. */
export interface ClosedMonitorRun {
  /** People are to be told. */
  readonly notify: boolean;
  readonly reason: string;
  /** Epoch milliseconds of the next run that the result named; null: none is to follow. */
  readonly nextRunAt?: number | null | undefined;
  /** The monitor's schedule is to be applied. */
  readonly scheduleChanged: boolean;
}

/** What a run failed with. */
export interface FailedMonitorRun extends ExecutionKey {
  /** A code of the error table, or whatever else it was. */
  readonly type: string;
  readonly message: string;
}

/** Whether a monitor's schedule is to be applied. */
export interface ScheduleChanged {
  readonly scheduleChanged: boolean;
}

/** What closes runs. */
interface Closing {
  readonly store: Pick<Store, 'monitorExecutions' | 'schedules'>;
  readonly client: ScheduleWriting['client'];
}

/** The ends that a run of a monitor has. Each is safe to repeat, and none is undone by another. */
export function createClosing({ store, client }: Closing) {
  return {
    /** Closes a run as a success and decides who is told. @throws FleetError `execution_not_found`, `store_unavailable` */
    persistMonitorRun: async ({ executionId }: ExecutionRef): Promise<ClosedMonitorRun> => {
      const { execution, scheduleChanged } = await store.monitorExecutions.persist(executionId);
      const { notify, reason, nextRunAt, final } = execution;
      return {
        notify: notify ?? false,
        reason: reason ?? '',
        ...((final || nextRunAt) && { nextRunAt: nextRunAt?.getTime() ?? null }),
        scheduleChanged,
      };
    },

    /** Closes a run as failed and puts the next one off. @throws FleetError `store_unavailable` */
    failMonitorRun: async ({ type, message, ...run }: FailedMonitorRun): Promise<ScheduleChanged> =>
      changedBy(await store.monitorExecutions.fail(run, failureOf(type, message))),

    /** Closes a run as canceled. @throws FleetError `store_unavailable` */
    cancelMonitorRun: async (run: ExecutionKey): Promise<ScheduleChanged> =>
      changedBy(await store.monitorExecutions.cancel(run)),

    /**
     * Has Temporal's schedule of a monitor written from its row.
     *
     * @throws FleetError `temporal_unavailable`, `schedule_refused`, `store_unavailable`
     */
    applyMonitorSchedule: async ({ monitorId }: { readonly monitorId: string }): Promise<void> => {
      const applied = await applySchedule({ store, client }, monitorScheduleId(monitorId));
      if (!applied.applied && applied.reason) throw applied.reason;
    },
  };
}

function changedBy(closed: ClosedExecution | undefined): ScheduleChanged {
  return { scheduleChanged: closed?.scheduleChanged ?? false };
}

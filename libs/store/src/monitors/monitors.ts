import type { Database } from '../database';
import { listMonitors, type MonitorCursor, type MonitorFilter } from './monitor-rows';
import { createMonitor, deleteMonitor, getMonitor, rotateSecret, setState, updateMonitor } from './monitor-writes';
import type { MonitorRow, MonitorSpec, MonitorState } from './row';

/** A monitor as it is created. */
export interface NewMonitor extends MonitorSpec {
  readonly owner: string;
  /** True: its first run is now, also when it has a cron. False: by its cron, or in 24 hours without one. */
  readonly runImmediately: boolean;
  /** Of the request, unique for each owner: the same one again makes no second monitor. Default: none. */
  readonly request?: { readonly key: string; readonly bodySha256: string } | undefined;
}

/** A monitor after a change. */
export interface WrittenMonitor {
  readonly monitor: MonitorRow;
  /** Signs its webhooks: there only when it was made just now, and nowhere to be read again. */
  readonly webhookSecret?: string;
  /** True: an earlier request with the same key made it. */
  readonly replayed?: boolean;
}

/** A monitor, and how far its schedule is. */
export interface MonitorWithSchedule extends MonitorRow {
  /** True when Temporal's schedule is what the row says. */
  readonly applied: boolean;
}

/**
 * The monitors. Each change writes the row of the monitor and that of its schedule in one statement; whoever made it then
 * has the schedule applied to Temporal, and the reconciler does when they could not.
 */
export interface Monitors {
  /**
   * Makes one, or gives the one that was made under the same key, as it is now and without its secret.
   *
   * @throws FleetError `idempotency_key_reused` for another body under the same key, `store_unavailable`
   */
  create(monitor: NewMonitor): Promise<WrittenMonitor>;
  /** @throws FleetError `monitor_not_found`, `store_unavailable` */
  get(id: string): Promise<MonitorWithSchedule>;
  /** Newest first. @param limit 1 to 201. @throws FleetError `store_unavailable` */
  list(filter: MonitorFilter, limit: number): Promise<readonly MonitorRow[]>;
  /**
   * Changes what is named and nothing else. Another query, condition or search starts over: the next run is a baseline.
   *
   * @param expected the version it must have. Default: any.
   * @throws FleetError `monitor_not_found`, `monitor_changed` with the version it has, `store_unavailable`
   */
  update(id: string, change: Partial<MonitorSpec>, expected?: number): Promise<WrittenMonitor>;
  /**
   * From one state to another, unless somebody else was faster.
   *
   * @throws FleetError `monitor_not_found`, `monitor_state_conflict` with the state it is in, `store_unavailable`
   */
  setState(id: string, from: MonitorState, to: Exclude<MonitorState, 'completed'>): Promise<MonitorRow>;
  /**
   * Makes a new secret for its webhooks; the old one signs nothing any more.
   *
   * @throws FleetError `monitor_not_found`, `not_supported` without a webhook, `store_unavailable`
   */
  rotateSecret(id: string): Promise<WrittenMonitor>;
  /** Deletes it with its runs; its schedule is marked and goes next. False: it was not there. @throws FleetError `store_unavailable` */
  delete(id: string): Promise<boolean>;
}

export type { MonitorCursor, MonitorFilter };

/** The monitors in a database. */
export function monitorsIn(database: Database): Monitors {
  return {
    create: (monitor) => createMonitor(database, monitor),
    get: (id) => getMonitor(database, id),
    list: (filter, limit) => listMonitors(database, filter, limit),
    update: (id, change, expected) => updateMonitor(database, id, change, expected),
    setState: (id, from, to) => setState(database, id, from, to),
    rotateSecret: (id) => rotateSecret(database, id),
    delete: (id) => deleteMonitor(database, id),
  };
}

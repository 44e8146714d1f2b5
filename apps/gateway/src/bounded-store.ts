import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from '@fleet/errors';
import type { Store } from '@fleet/store';

/** Milliseconds: two calls and one of the Temporal client still answer within 5 s when the last one hangs. */
const DEADLINE_MS = 3000;
const PING_EVERY_MS = 1000;
const PING_DEADLINE_MS = 2000;

/** The store as HTTP needs it: the workers' patience of 10 s a call is too much for a caller who waits for an answer. */
export function boundedStore(store: Store): Store {
  const { jobs, artifacts, approvals, idempotency } = store;
  const { monitors, monitorExecutions, notices, schedules } = store;
  return {
    ...store,
    approvals: {
      open: (approval) => bounded(approvals.open(approval)),
      settle: (id, outcome) => bounded(approvals.settle(id, outcome)),
      get: (id) => bounded(approvals.get(id)),
      list: (filter, limit) => bounded(approvals.list(filter, limit)),
      listPending: (after, limit) => bounded(approvals.listPending(after, limit)),
      audit: (id) => bounded(approvals.audit(id)),
    },
    jobs: {
      claim: (claim) => bounded(jobs.claim(claim)),
      started: (id, runId) => bounded(jobs.started(id, runId)),
      find: (id) => bounded(jobs.find(id)),
      owners: (ids) => bounded(jobs.owners(ids)),
    },
    artifacts: {
      ...artifacts,
      get: (id) => bounded(artifacts.get(id)),
      put: (bytes, artifact) => whileReachable(store, artifacts.put(bytes, artifact)),
    },
    idempotency: {
      ...idempotency,
      claim: (request) => bounded(idempotency.claim(request)),
      finish: (answer) => bounded(idempotency.finish(answer)),
      forget: (request) => bounded(idempotency.forget(request)),
    },
    monitors: allBounded(monitors),
    monitorExecutions: allBounded(monitorExecutions),
    notices: allBounded(notices),
    schedules: allBounded(schedules),
    schemaVersion: () => bounded(store.schemaVersion()),
  };
}

type Call = (...parameters: never[]) => Promise<unknown>;

/** A repository of which every call is bounded. */
function allBounded<Repository extends { [Name in keyof Repository]: Call }>(repository: Repository): Repository {
  const calls = Object.entries<Call>(repository).map(([name, call]): [string, Call] => [
    name,
    (...parameters) => bounded(call(...parameters)),
  ]);
  return Object.fromEntries(calls) as unknown as Repository;
}

async function bounded<T>(call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new FleetError('store_unavailable')), DEADLINE_MS);
  });
  return Promise.race([call, late]).finally(() => clearTimeout(timer));
}

/** For a call that may take minutes because its client is slow, and must still end soon when the database is gone. */
async function whileReachable<T>(store: Store, call: Promise<T>): Promise<T> {
  const ended = new AbortController();
  return Promise.race([call, untilUnreachable(store, ended.signal)]).finally(() => ended.abort());
}

async function untilUnreachable(store: Store, signal: AbortSignal): Promise<never> {
  for (;;) {
    await store.ping(PING_DEADLINE_MS);
    await sleep(PING_EVERY_MS, undefined, { signal });
  }
}

import { FleetError } from '@fleet/errors';
import type { Store } from '@fleet/store';

/** Milliseconds: two calls and one of the Temporal client still answer within 5 s when the last one hangs. */
const DEADLINE_MS = 3000;

/** The store as HTTP needs it: the workers' patience of 10 s a call is too much for a caller who waits for an answer. */
export function boundedStore(store: Store): Store {
  const { jobs, artifacts } = store;
  return {
    ...store,
    jobs: {
      claim: (claim) => bounded(jobs.claim(claim)),
      started: (id, runId) => bounded(jobs.started(id, runId)),
      find: (id) => bounded(jobs.find(id)),
      owners: (ids) => bounded(jobs.owners(ids)),
    },
    artifacts: { ...artifacts, get: (id) => bounded(artifacts.get(id)) },
    schemaVersion: () => bounded(store.schemaVersion()),
  };
}

async function bounded<T>(call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new FleetError('store_unavailable')), DEADLINE_MS);
  });
  return Promise.race([call, late]).finally(() => clearTimeout(timer));
}

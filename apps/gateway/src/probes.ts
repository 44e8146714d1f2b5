import { errorText, FleetError, isFleetError } from '@fleet/errors';
import { SCHEMA_VERSION, type Store } from '@fleet/store';
import type { FleetClient } from '@fleet/temporal-client';
import { cached, within } from './cached';

/** What a probe found. `reason` only when not ok. */
export interface ProbeResult {
  readonly ok: boolean;
  readonly reason?: string;
  /** Not there on purpose: nothing waits for it. */
  readonly disabled?: true;
}

/** Whether the two servers behind the gateway answer; each asked at most once a second. */
export interface Probes {
  temporal(): Promise<ProbeResult>;
  store(): Promise<ProbeResult>;
}

const TTL_MS = 1000;
const DEADLINE_MS = 2000;

/** Probes of Temporal and Postgres that answer within 2 s, whatever state those are in. */
export function createProbes(client: FleetClient, store: Store): Probes {
  return {
    temporal: probe(() => client.ping(DEADLINE_MS)),
    store: probe(() => requireSchema(store)),
  };
}

/** A database that was never migrated answers, but not one request of ours. */
async function requireSchema(store: Store): Promise<void> {
  const version = await store.schemaVersion();
  if (version < SCHEMA_VERSION) throw new FleetError('schema_outdated', { version, needed: SCHEMA_VERSION });
}

function probe(ping: () => Promise<unknown>): () => Promise<ProbeResult> {
  return cached(TTL_MS, async () => {
    try {
      await within(DEADLINE_MS, ping());
      return { ok: true };
    } catch (error) {
      if (isFleetError(error) && error.code === 'temporal_disabled')
        return { ok: false, reason: error.message, disabled: true };
      // Only our own words: a driver's message may name hosts and users.
      return { ok: false, reason: isFleetError(error) ? error.message : safeReason(error) };
    }
  });
}

function safeReason(error: unknown): string {
  return errorText(error).startsWith('no answer') ? errorText(error) : 'it refused the connection';
}

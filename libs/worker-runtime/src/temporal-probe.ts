import type { NativeConnection } from '@temporalio/worker';
import { Gauge, type Registry } from '@fleet/telemetry';

/** A worker itself cannot see that the server is gone (it says POLLING for ever), so we ask the server. Milliseconds. */
const PROBE_EVERY_MS = 1000;
const PROBE_DEADLINE_MS = 2000;

/** Asks the server each second whether it is there. */
export interface TemporalProbe {
  up(): boolean;
  stop(): void;
}

/** Starts probing `namespace`, and keeps the gauge `temporal_up` at 1 or 0. */
export function probeTemporal(connection: NativeConnection, namespace: string, registry: Registry): TemporalProbe {
  const gauge = new Gauge({ name: 'temporal_up', help: '1 while Temporal answers, else 0.', registers: [registry] });
  let up = true;
  let askedAt: number | undefined;
  const set = (value: boolean): void => {
    up = value;
    gauge.set(value ? 1 : 0);
  };
  const tick = (): void => {
    // One question at a time: Core goes on retrying behind it, and it is answered once the server is back.
    if (askedAt !== undefined) {
      if (Date.now() - askedAt > PROBE_DEADLINE_MS) set(false);
      return;
    }
    askedAt = Date.now();
    connection.workflowService
      .describeNamespace({ namespace })
      .then(() => set(true))
      .catch(() => set(false))
      .finally(() => (askedAt = undefined));
  };
  set(true);
  const timer = setInterval(tick, PROBE_EVERY_MS);
  return { up: () => up, stop: () => clearInterval(timer) };
}

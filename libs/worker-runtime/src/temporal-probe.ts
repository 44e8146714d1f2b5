import { Gauge, type Registry } from '@fleet/telemetry';
import type { NativeConnection } from '@temporalio/worker';

/** A worker itself cannot see that the server is gone (it says POLLING for ever), so we ask the server. Milliseconds. */
const PROBE_EVERY_MS = 1000;
const PROBE_DEADLINE_MS = 2000;

/** Asks the server each second whether it is there, and keeps the gauge `temporal_up` at 1 or 0. */
export class TemporalProbe {
  private readonly gauge: Gauge;
  private answering = false;
  private askedAt: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(registry: Registry) {
    this.gauge = new Gauge({ name: 'temporal_up', help: '1 while Temporal answers, else 0.', registers: [registry] });
    this.set(false);
  }

  /** Whether the last question was answered in time. False before `start`. */
  get up(): boolean {
    return this.answering;
  }

  /** Begins to ask, over a connection that has just been made. */
  start(connection: NativeConnection, namespace: string): void {
    this.set(true);
    this.timer = setInterval(() => this.ask(connection, namespace), PROBE_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private ask(connection: NativeConnection, namespace: string): void {
    // One question at a time: Core goes on retrying behind it, and it is answered once the server is back.
    if (this.askedAt !== undefined) {
      if (Date.now() - this.askedAt > PROBE_DEADLINE_MS) this.set(false);
      return;
    }
    this.askedAt = Date.now();
    connection.workflowService
      .describeNamespace({ namespace })
      .then(() => this.set(true))
      .catch(() => this.set(false))
      .finally(() => (this.askedAt = undefined));
  }

  private set(up: boolean): void {
    this.answering = up;
    this.gauge.set(up ? 1 : 0);
  }
}

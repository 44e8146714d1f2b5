import { errorText, FleetError } from '@fleet/errors';
import { onStopRequest, type Logger, type Readiness } from '@fleet/telemetry';
import type { Worker } from '@temporalio/worker';
import type { WorkerConfig } from './config';
import { watchPolls } from './poll-watch';
import type { TemporalProbe } from './temporal-probe';

/** Where a worker process is in its life. */
export type LifeState = 'connecting' | 'running' | 'draining';

/** How often the worker's own state is looked at. A fatal poll error must end the process within 75 s, 60 of which are Core's. */
const WATCH_EVERY_MS = 500;
/** What a drain may overrun its force time by before the process ends itself: the store takes up to 2 s to close. Milliseconds. */
const FORCE_MARGIN_MS = 3000;

/** The life of a worker process: connecting, running, draining; what it says to /readyz, and what ends it. */
export class WorkerLife {
  private state: LifeState = 'connecting';
  private worker: Worker | undefined;
  private readonly stop = new AbortController();
  private stopsAsked = 0;
  private stopAskedAt = Infinity;
  private endPolls: () => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly config: WorkerConfig,
    private readonly logger: Logger,
    private readonly probe: TemporalProbe,
    private readonly environment: string,
  ) {}

  /** Aborted once the process was asked to end. */
  get stopping(): AbortSignal {
    return this.stop.signal;
  }

  /** True while a request to stop ends nothing but the wait for the servers. */
  get stoppedBeforeWork(): boolean {
    return this.stopping.aborted && this.worker === undefined;
  }

  /** SIGTERM and SIGINT drain, a second one forces. A supervised worker also drains when its supervisor is gone. */
  listenForStop(env: Readonly<Record<string, string | undefined>>): void {
    onStopRequest(env, (reason) => this.askToStop(reason));
  }

  /** What /readyz says: ready only when running, polling, and the server answers. */
  readiness(): Readiness {
    const status = this.worker?.getStatus();
    const polling =
      status?.runState === 'RUNNING' &&
      status.activityPollerState === 'POLLING' &&
      status.workflowPollerState === 'POLLING';
    const temporal = this.probe.up;
    return {
      ready: this.state === 'running' && polling && temporal,
      details: {
        state: this.state,
        queue: this.config.queue,
        environment: this.environment,
        temporal: temporal ? 'up' : 'down',
        polling,
      },
    };
  }

  /**
   * Runs the worker to its end. At a stop, `endPolls` is awaited before the worker is shut down.
   *
   * @throws FleetError `worker_failed` when it stopped by itself, or did not drain within its force time.
   */
  async run(worker: Worker, coreMetrics: () => Promise<string>, endPolls: () => Promise<void>): Promise<void> {
    this.worker = worker;
    this.endPolls = endPolls;
    const failure = watchForFailure(worker);
    const polls = watchPolls(coreMetrics);
    const running = worker.run();
    // The promise may settle long after the watch has ended the wait.
    running.catch(() => undefined);
    if (this.stopping.aborted) worker.shutdown();
    else this.state = 'running';
    try {
      await Promise.race([running, failure.happened, polls.refused]);
    } catch (error) {
      throw new FleetError(
        'worker_failed',
        { queue: this.config.queue, reason: this.reasonOf(error) },
        { cause: error },
      );
    } finally {
      failure.stop();
      polls.stop();
    }
    if (!this.stopping.aborted) {
      throw new FleetError('worker_failed', { queue: this.config.queue, reason: 'it stopped polling' });
    }
  }

  /** Core's own word for a drain that it ended by force ("still in use") says neither that nor when. */
  private reasonOf(error: unknown): string {
    const { forceSeconds } = this.config.settings;
    const forced = performance.now() - this.stopAskedAt >= forceSeconds * 1000;
    return forced ? `it had not drained after ${forceSeconds} s` : errorText(error);
  }

  private askToStop(reason: string): void {
    this.stopsAsked += 1;
    if (this.stopsAsked > 1) {
      this.logger.warn({ reason }, 'asked to stop again: ending at once');
      process.exit(1);
    }
    this.state = 'draining';
    this.stopAskedAt = performance.now();
    const { drainSeconds, forceSeconds } = this.config.settings;
    const inFlight = this.worker?.getStatus().numInFlightActivities ?? 0;
    this.logger.info({ reason, inFlight, drainSeconds }, 'draining');
    this.stop.abort();
    void this.shutDown();
    const overdue = setTimeout(
      () => {
        this.logger.error({ forceSeconds }, 'not drained in time: ending');
        process.exit(1);
      },
      forceSeconds * 1000 + FORCE_MARGIN_MS,
    );
    overdue.unref();
  }

  private async shutDown(): Promise<void> {
    if (this.worker?.getState() !== 'RUNNING') return;
    await this.endPolls();
    if (this.worker.getState() === 'RUNNING') this.worker.shutdown();
  }
}

/** `run()` does not always settle after a fatal poll error (seen in 2 of 3 runs of 140 s), so the state is watched too. */
function watchForFailure(worker: Worker): { readonly happened: Promise<never>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const happened = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (worker.getState() === 'FAILED') reject(new Error('a poll failed for good: see the error logged before'));
    }, WATCH_EVERY_MS);
  });
  return { happened, stop: () => clearInterval(timer) };
}

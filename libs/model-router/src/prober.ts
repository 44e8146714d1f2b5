import type { ProviderAdapter } from './provider';
import type { RouterState } from './router-state';

/** What a prober is made of. */
export interface ProberOptions {
  /** By id of the provider. */
  readonly adapters: ReadonlyMap<string, ProviderAdapter>;
  readonly state: RouterState;
  /** Milliseconds from the end of one round to the next. Default 30,000. */
  readonly intervalMs?: number;
  /** Milliseconds for one probe. Default 5,000. */
  readonly timeoutMs?: number;
  /** Epoch milliseconds. Default Date.now. */
  readonly now?: () => number;
}

/** Asks the providers now and then whether they answer at all, so that one that is back is found without a chat. */
export interface Prober {
  /** Probes at once, then after each interval. Does nothing when it runs. */
  start(): void;
  /** Resolves when no probe runs any more. */
  stop(): Promise<void>;
  /** One round. Never throws. */
  probe(): Promise<void>;
}

/** What is noted of a probe in place of a model. */
const NO_MODEL = 'probe';

/**
 * A prober over these providers. A failure is always reported; a success only of a provider that is not healthy: a chat's
 * latency means more than that of a list of models.
 */
export function createProber(options: ProberOptions): Prober {
  const { intervalMs = 30_000 } = options;
  let stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    const { signal } = stopping;
    round = probeAll(options, signal);
    await round;
    if (signal.aborted) return;
    timer = setTimeout(() => void run(), intervalMs);
    timer.unref();
  };
  return {
    start() {
      if (round) return;
      stopping = new AbortController();
      void run();
    },
    async stop() {
      stopping.abort(new Error('the prober is stopped'));
      clearTimeout(timer);
      await round;
      round = undefined;
    },
    probe: () => probeAll(options, new AbortController().signal),
  };
}

async function probeAll(options: ProberOptions, signal: AbortSignal): Promise<void> {
  await Promise.all([...options.adapters.values()].map((adapter) => probeOne(adapter, options, signal)));
}

async function probeOne(
  adapter: ProviderAdapter,
  { state, timeoutMs = 5000, now = Date.now }: ProberOptions,
  signal: AbortSignal,
): Promise<void> {
  const { providerId } = adapter;
  const started = now();
  const answers = await adapter.probe({ signal, timeoutMs }).catch(() => false);
  if (signal.aborted) return;
  try {
    if (!answers) return await state.failed(providerId, NO_MODEL);
    const { health } = await state.snapshot();
    const known = health.get(providerId);
    if (known && known.state !== 'healthy') await state.succeeded(providerId, NO_MODEL, now() - started);
  } catch {
    // The state is out of reach: the next round tells it.
  }
}

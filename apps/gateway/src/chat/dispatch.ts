import { createTemporalExecutor, type DurableExecutor } from '@fleet/durable-executor';
import {
  createBreaker,
  dispatchTo,
  withFallback,
  type BreakerState,
  type Dispatcher,
} from '@fleet/durable-executor/dispatch';
import { Counter, type Logger, type Registry } from '@fleet/telemetry';
import type { FleetClient } from '@fleet/temporal-client';
import { openServer } from '@fleet/temporal-client/server';
import { chat, orchestrate, streamLog } from '@fleet/workflows/portable';
import type { Environment } from '../config';

/** The queue of chats: somebody waits for them. */
const QUEUE = 'high';
/** Milliseconds for one call of Temporal that is no wait for a result. */
const DEADLINE_MS = 2000;
const STATES: Readonly<Record<BreakerState, number>> = { closed: 0, open: 1, half_open: 2 };

/** What the ways to run a chat are made of. */
export interface DispatchOptions {
  readonly env: Environment;
  readonly client?: Pick<FleetClient, 'hasPollers'>;
  readonly identity: string;
  readonly local: DurableExecutor;
  readonly logger: Logger;
  readonly metrics: Registry;
}

/** The ways to run a chat. */
export interface Dispatch {
  readonly dispatcher: Dispatcher;
  /** 0: through Temporal; 1: past it; 2: past it, while a probe looks at it. */
  readonly circuit: () => number;
  close(): Promise<void>;
}

/**
 * Chats through Temporal, and in this process while it does not work; in this process alone when there is none.
 *
 * @throws FleetError `invalid_variable`, `unreadable_file`
 */
export function openDispatch({ client, env, identity, local, logger, metrics }: DispatchOptions): Dispatch {
  const fallbacks = new Counter({
    name: 'temporal_fallback_total',
    help: 'Workflows of chats that ran in the gateway because Temporal did not work.',
    labelNames: ['workflow'],
    registers: [metrics],
  });
  if (!client) {
    const dispatcher = dispatchTo(local);
    return { dispatcher, circuit: () => STATES.open, close: async () => dispatcher.close() };
  }
  const server = openServer({ env, identity, deadlineMs: DEADLINE_MS });
  const temporal = createTemporalExecutor({
    client: server,
    workflows: [chat, orchestrate, streamLog],
    taskQueue: QUEUE,
  });
  const ready = (): Promise<boolean> => client.hasPollers(QUEUE);
  const breaker = createBreaker({
    probe: ready,
    onChange: (state) => logger.warn({ state }, 'the circuit of Temporal'),
  });
  const dispatcher = withFallback(temporal, local, breaker, {
    ready,
    onFallback({ workflow, id, reason, unasked }) {
      fallbacks.inc({ workflow });
      // While the circuit is open, which is told once, a line for each request would say nothing new.
      logger[unasked ? 'debug' : 'warn'](
        { workflow, workflow_id: id, reason },
        'runs in the gateway: Temporal does not work',
      );
    },
  });
  return {
    dispatcher,
    circuit: () => STATES[breaker.state],
    async close() {
      dispatcher.close();
      await temporal.close();
      await server.close();
    },
  };
}

import { createServer, type AddressInfo } from 'node:net';
import type { Logger } from '@fleet/telemetry';
import { WORKER_HEARTBEAT_MS } from '@fleet/temporal-client/liveness';
import { makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { coreLogger } from './core-log';

/**
 * Installs Temporal's Core once per process: its log lines go to pino, its metrics to a loopback port of their own, which
 * our /metrics reads; signals are left to us, so that health turns not-ready before polling stops.
 *
 * @returns the text of Core's metrics, in Prometheus format; empty while there is none.
 */
export async function installCore(logger: Logger): Promise<() => Promise<string>> {
  const port = await freeLoopbackPort();
  Runtime.install({
    logger: coreLogger(logger),
    shutdownSignals: [],
    workerHeartbeatInterval: WORKER_HEARTBEAT_MS,
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'WARN' }) },
      metrics: { prometheus: { bindAddress: `127.0.0.1:${port}`, useSecondsForDurations: true } },
    },
  });
  // Core, and its port, go away between two attempts to connect: then it has nothing to say.
  const read = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(2000) })).text();
  return () => read().catch(() => '');
}

/** Core cannot choose a port and tell us, so we ask the kernel for one and hand it over. */
function freeLoopbackPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorText, FleetError } from '@fleet/errors';
import { onStopRequest } from '@fleet/telemetry/stop-request';
import { listenError } from '@fleet/telemetry/listen-error';
import { createStandIn } from './app';

/** It answers whoever reaches it, and does what it is told: never more than this machine. */
const HOST = '127.0.0.1';
/** Milliseconds that calls get to end by themselves after SIGTERM. */
const DRAIN_MS = 5000;

/**
 * Runs the stand-in on `FLEET_STAND_IN_PORT` (default 0, a free one) of the loopback address until SIGTERM or SIGINT, and
 * prints one line with its address. It then finishes the calls it has, for five seconds, and exits with code 0.
 */
export async function runStandIn(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  try {
    const server = createStandIn();
    const address = await listen(server, portFrom(env['FLEET_STAND_IN_PORT']));
    onStopRequest(env, () => drain(server));
    process.stdout.write(`stand-in for a model provider, at ${address}\n`);
  } catch (error) {
    process.stderr.write(`error: ${errorText(error)}\n`);
    process.exit(1);
  }
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const what = { host: HOST, port, user: 'the stand-in provider', portVariable: 'FLEET_STAND_IN_PORT' };
    server.once('error', (error) => reject(listenError(error, what)));
    server.listen(port, HOST, resolve);
  });
  return `http://${HOST}:${(server.address() as AddressInfo).port}/v1`;
}

function drain(server: Server): void {
  server.close(() => process.exit(0));
  // A connection is closed once its last call is answered; Node looks only when close() is called.
  setInterval(() => server.closeIdleConnections(), 100);
  setTimeout(() => process.exit(0), DRAIN_MS);
}

function portFrom(text: string | undefined): number {
  const port = Number(text || 0);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  const rule = 'a whole number from 0 to 65535';
  throw new FleetError('invalid_variable', { variable: 'FLEET_STAND_IN_PORT', rule, got: JSON.stringify(text) });
}

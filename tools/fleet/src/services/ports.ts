import { createServer } from 'node:net';
import { errorText, FleetError, isFleetError } from '@fleet/errors';
import { listenError } from '@fleet/telemetry/listen-error';

/**
 * Makes sure that a server can listen on `host:port`, by listening there for a moment.
 *
 * @param port TCP port, 1 to 65535.
 * @param host IP address the server will bind, for example `127.0.0.1`.
 * @param variable The environment variable that moves the port; it is named in the error.
 * @param user What wants the port, for the error. Default: `host:port` of the variable's server.
 * @throws FleetError `port_in_use` when something listens there, `invalid_variable` for a port under 1024 without the right
 *   to it and for a FLEET_HOST this machine does not have, `setup_failed` for any other reason.
 */
export async function assertPortFree(
  port: number,
  host: string,
  variable: string,
  user = `the server at ${host}`,
): Promise<void> {
  try {
    await listenOnce(port, host);
  } catch (cause) {
    const error = listenError(cause, { host, port, user, portVariable: variable });
    if (isFleetError(error)) throw error;
    const step = `Listening on ${host}:${port} (${variable})`;
    throw new FleetError('setup_failed', { step, reason: errorText(cause) }, { cause });
  }
}

function listenOnce(port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve()));
  });
}

import { createServer } from 'node:net';
import { errorText, FleetError } from '@fleet/errors';

/**
 * Makes sure that a server can listen on `host:port`, by listening there for a moment.
 *
 * @param port TCP port, 1 to 65535.
 * @param host IP address the server will bind, for example `127.0.0.1`.
 * @param variable The environment variable that moves the port; it is named in the error.
 * @param user What wants the port, for the error. Default: `host:port` of the variable's server.
 * @throws FleetError `port_in_use` when something listens there, `setup_failed` for any other reason (a port under 1024
 *   without the right to it, an address this machine does not have).
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
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      throw new FleetError('port_in_use', { port, user, variable }, { cause });
    }
    throw new FleetError(
      'setup_failed',
      { step: `Listening on ${host}:${port} (${variable})`, reason: errorText(cause) },
      { cause },
    );
  }
}

function listenOnce(port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve()));
  });
}

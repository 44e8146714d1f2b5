import { join, resolve } from 'node:path';
import type { AddressInfo } from 'node:net';
import { errorText, FleetError } from '@fleet/errors';
import { listenError } from '@fleet/telemetry/listen-error';
import { onStopRequest } from '@fleet/telemetry/stop-request';
import type { SMTPServer } from 'smtp-server';
import { createMailCatcher } from './catcher';

/** It takes mail from whoever reaches it: never more than this machine. */
const HOST = '127.0.0.1';

/**
 * Runs the catcher on `FLEET_MAIL_CATCHER_PORT` (default 0, a free one) of the loopback address until SIGTERM or SIGINT,
 * with the folder `mail` of `FLEET_STATE_DIR` (default `.fleet`), and prints one line with its address. It then lets the
 * clients it has finish, for two seconds, and exits with code 0.
 */
export async function runMailCatcher(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  try {
    const server = createMailCatcher(join(resolve(env['FLEET_STATE_DIR'] || '.fleet'), 'mail'));
    const address = await listen(server, portFrom(env['FLEET_MAIL_CATCHER_PORT']));
    onStopRequest(env, () => server.close(() => process.exit(0)));
    process.stdout.write(`catcher of mail, nothing is sent on, at ${address}\n`);
  } catch (error) {
    process.stderr.write(`error: ${errorText(error)}\n`);
    process.exit(1);
  }
}

async function listen(server: SMTPServer, port: number): Promise<string> {
  const listening = server.listen(port, HOST);
  await new Promise<void>((done, reject) => {
    const what = { host: HOST, port, user: 'the mail catcher', portVariable: 'FLEET_MAIL_CATCHER_PORT' };
    listening.once('error', (error) => reject(listenError(error, what)));
    listening.once('listening', done);
  });
  return `smtp://${HOST}:${(listening.address() as AddressInfo).port}`;
}

function portFrom(text: string | undefined): number {
  const port = Number(text || 0);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  const rule = 'a whole number from 0 to 65535';
  throw new FleetError('invalid_variable', { variable: 'FLEET_MAIL_CATCHER_PORT', rule, got: JSON.stringify(text) });
}

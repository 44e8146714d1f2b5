import { Socket } from 'node:net';

/** What postgres.js hands to its `socket` option, of its parsed options. */
export interface SocketTarget {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false;
}

/**
 * A socket that gives up on a server gone silent. postgres.js has a time-out for connecting and none afterwards: after a
 * fail-over or a cut cable its pool waits for answers until TCP gives up, a quarter of an hour later. And a proxy that
 * accepts and closes at once makes it connect again in a tight loop, because no error was emitted.
 *
 * `emit` is overridden, instead of adding listeners, because postgres.js removes all listeners when it turns on TLS.
 */
class WatchedSocket extends Socket {
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event === 'timeout') this.destroy(socketError('ETIMEDOUT', 'Postgres went silent'));
    if (event === 'end' && this.bytesRead === 0) {
      this.destroy(socketError('ECONNRESET', 'the connection was closed before Postgres answered'));
    }
    return super.emit(event, ...args);
  }
}

/** Makes the sockets of one pool, and can destroy them all when the pool closes with a server that does not answer. */
export function socketFactory(silenceMs: number) {
  const sockets = new Set<Socket>();
  let attempt = 0;
  return {
    /** Returns before it is connected: postgres.js starts its connect time-out only once it has the socket. */
    create(target: SocketTarget): Socket {
      const socket = new WatchedSocket();
      const host = target.host[attempt % target.host.length] ?? 'localhost';
      const port = target.port[attempt % target.port.length] ?? 5432;
      attempt += 1;
      sockets.add(socket);
      socket.setNoDelay(true).setTimeout(silenceMs);
      // postgres.js reads the two for the TLS server name and its error messages.
      Object.assign(socket, { host, port });
      return target.path ? socket.connect(target.path) : socket.connect(port, host);
    },
    /** Forgets closed sockets; with `all` destroys the open ones. */
    sweep(all = false): void {
      for (const socket of sockets) {
        if (all) socket.destroy();
        if (socket.destroyed) sockets.delete(socket);
      }
    },
  };
}

function socketError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

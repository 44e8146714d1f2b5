import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy that can stop answering, as a server behind a cut cable does, or refuse. */
export interface BlackHole {
  /** host:port to connect to. */
  readonly address: string;
  /** Nothing goes through any more, in either direction; connections are accepted and stay open. */
  swallow(): void;
  /** Everything goes through again; connections from before are closed. */
  restore(): void;
  close(): Promise<void>;
}

/** @param target host:port that is proxied. */
export async function createBlackHole(target: string): Promise<BlackHole> {
  const { hostname, port } = new URL(`tcp://${target}`);
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server = createServer((near) => {
    const far = createConnection(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
    }
    near.on('data', (bytes) => swallowing || far.write(bytes));
    far.on('data', (bytes) => swallowing || near.write(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => sockets.forEach((socket) => void socket.destroy());
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    swallow: () => void (swallowing = true),
    restore() {
      swallowing = false;
      cut();
    },
    close() {
      cut();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}

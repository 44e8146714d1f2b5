import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy on loopback that can fall silent, as a server behind a cut cable does: connections stay, nothing passes. */
export interface SilentProxy {
  readonly port: number;
  fallSilent(): void;
  close(): Promise<void>;
}

export async function startSilentProxy(upstreamPort: number): Promise<SilentProxy> {
  let silent = false;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection(upstreamPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined).on('close', () => to.destroy());
      from.on('data', (bytes) => silent || to.write(bytes));
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    fallSilent: () => void (silent = true),
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  };
}

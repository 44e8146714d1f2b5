import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP relay before a server, for outages of the network between. */
export interface Relay {
  /** Host and port to connect to. */
  readonly address: string;
  /** Nothing passes any more, no connection ends: what a black hole does. */
  freeze(): void;
  /** Ends all connections and refuses new ones. */
  cut(): Promise<void>;
  /** Lets all pass again. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one on a free port. @param target Host and port of the server. */
export async function startRelay(target: string): Promise<Relay> {
  const url = new URL(`tcp://${target}`);
  const sockets = new Set<Socket>();
  let frozen = false;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    if (frozen) {
      client.pause();
      return;
    }
    const upstream = keep(connect(Number(url.port), url.hostname));
    client.pipe(upstream).pipe(client);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', () => resolve());
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const cut = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    drop();
    await closed;
  };
  return {
    address: `127.0.0.1:${port}`,
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    cut,
    async restore() {
      frozen = false;
      drop();
      if (!server.listening) await listen(port);
    },
    close: cut,
  };
}

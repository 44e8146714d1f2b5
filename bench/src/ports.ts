import { createServer, type AddressInfo, type Server } from 'node:net';

/** `count` different TCP ports of loopback on which nothing listens: the bench must not meet a fleet that runs beside it. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held at once, or the kernel may give the same one twice.
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** One of {@link freePorts}. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

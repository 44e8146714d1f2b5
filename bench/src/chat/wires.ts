import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Endings } from '../endings';

/** A way to a server that holds back what comes from there. @returns its origin */
export async function startHeldWire(endings: Endings, origin: string, holdMs: number): Promise<string> {
  const { hostname, port } = new URL(origin);
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: hostname, port: Number(port), noDelay: true });
    near.pipe(far);
    far.on('data', (part) => void setTimeout(() => near.write(part), holdMs));
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.once('close', () => far.destroy());
    far.once('close', () => setTimeout(() => near.destroy(), holdMs));
  });
  return `http://${await listening(endings, server)}`;
}

/** A server that takes connections and says nothing, as one that hangs. @returns its host:port */
export function startSilentServer(endings: Endings): Promise<string> {
  return listening(endings, createServer());
}

async function listening(endings: Endings, server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.add(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

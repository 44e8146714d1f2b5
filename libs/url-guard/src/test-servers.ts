import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import type { Resolve } from './pinned-connector';

/** Listeners that nobody may reach: real sockets on one port of several loopback addresses. */
export interface Canary {
  readonly port: number;
  /** The addresses it could listen on: not every system has more than 127.0.0.1. */
  readonly addresses: readonly string[];
  /** Connections so far. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Starts the canary. */
export async function startCanary(): Promise<Canary> {
  let connections = 0;
  const servers: Server[] = [];
  const addresses: string[] = [];
  let port = 0;
  for (const address of ['127.0.0.1', '127.0.0.2', '127.1.2.3', '127.255.255.254', '::1']) {
    const server = createTcpServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    try {
      await listen(server, address, port);
    } catch {
      continue;
    }
    ({ port } = server.address() as AddressInfo);
    servers.push(server);
    addresses.push(address);
  }
  return {
    port,
    addresses,
    connections: () => connections,
    close: async () => void (await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))),
  };
}

/** A real HTTP server on a free port of 127.0.0.1. */
export interface TestServer {
  readonly port: number;
  readonly url: string;
  readonly seen: SeenRequest[];
  close(): Promise<void>;
}

/** A request as the server got it. */
export interface SeenRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Starts a server that notes each request, then answers it. */
export async function startServer(answer: RequestListener): Promise<TestServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url: path, headers } = request;
      seen.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
      answer(request, response);
    });
  });
  await listen(server, '127.0.0.1', 0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** A resolver that gives these addresses for every name. */
export function resolvingTo(...addresses: readonly string[]): Resolve {
  return () => Promise.resolve(addresses);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, () => done());
  });
}

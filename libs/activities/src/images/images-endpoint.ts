import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the stand-in got it. */
export interface SeenRequest {
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}

/** A stand-in for a provider's images endpoint: a real HTTP server on this machine, for specs. */
export interface ImagesEndpoint {
  readonly baseUrl: string;
  readonly seen: SeenRequest[];
  /** How the next requests are answered. */
  answer: (response: ServerResponse) => void;
  close(): Promise<void>;
}

/** Starts the stand-in on a free port of the loopback address. */
export async function startImagesEndpoint(): Promise<ImagesEndpoint> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void take(request, response);
  });
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(request);
    seen.push({ path: request.url, authorization: request.headers.authorization, body });
    endpoint.answer(response);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint: ImagesEndpoint = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    answer: json(500, {}),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return endpoint;
}

/** An answer with a status and a JSON body. */
export function json(status: number, body: unknown): (response: ServerResponse) => void {
  return (response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text) as Record<string, unknown>;
}

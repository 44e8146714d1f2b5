import type { IncomingMessage, ServerResponse } from 'node:http';

/** Bytes of a body: what providers take at most. */
const MOST = 32 * 1024 * 1024;

/** The body of a request. Ends the connection of one that is larger than any provider would take. */
export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST) request.destroy(new Error('the body is larger than 32 MiB'));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const json = Buffer.from(JSON.stringify(body));
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': json.length, ...headers })
    .end(json);
}

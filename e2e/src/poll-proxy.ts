import { connect, createServer, type ClientHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** gRPC status of a server that no longer knows our key. */
const UNAUTHENTICATED = '16';
/** gRPC status of a proxy whose upstream is gone. */
const UNAVAILABLE = '14';

/** A gRPC proxy on loopback, plain HTTP/2, that passes everything on until it is told to refuse polls. */
export interface PollProxy {
  readonly address: string;
  /** From now on answers every poll, also those that wait, with UNAUTHENTICATED. */
  refusePolls(): void;
  /** Passes polls on again. */
  allowPolls(): void;
  close(): Promise<void>;
}

export async function startPollProxy(upstreamAddress: string): Promise<PollProxy> {
  let refusing = false;
  let upstream: ClientHttp2Session | undefined;
  const waitingPolls = new Set<ServerHttp2Stream>();
  const session = (): ClientHttp2Session => {
    if (!upstream || upstream.destroyed || upstream.closed) {
      upstream = connect(`http://${upstreamAddress}`);
      upstream.on('error', () => undefined);
    }
    return upstream;
  };
  const server = createServer();
  server.on('sessionError', () => undefined);
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const isPoll = /\/Poll(Workflow|Activity|Nexus)TaskQueue$/.test(headers[':path'] ?? '');
    if (isPoll && refusing) return answerWith(stream, UNAUTHENTICATED, 'the key has expired');
    if (isPoll) {
      waitingPolls.add(stream);
      stream.on('close', () => waitingPolls.delete(stream));
    }
    const onward = session().request(headers);
    let trailers: OutgoingHttpHeaders = {};
    onward.on('error', () => answerWith(stream, UNAVAILABLE, 'no upstream'));
    // A server that stops in good order ends what waits without an error; unanswered, a poll would wait here for a minute.
    onward.on('close', () => {
      if (!stream.headersSent) answerWith(stream, UNAVAILABLE, 'no upstream');
    });
    onward.on('response', (answer) => {
      if (stream.destroyed || stream.headersSent) return;
      // An answer without a body has its status in the headers, and must end with them.
      if (answer['grpc-status'] !== undefined) return stream.respond(answer, { endStream: true });
      stream.respond(answer, { waitForTrailers: true });
      onward.pipe(stream);
    });
    onward.on('trailers', (got) => (trailers = got));
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.on('close', () => onward.close());
    stream.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    refusePolls: () => {
      refusing = true;
      for (const stream of waitingPolls) answerWith(stream, UNAUTHENTICATED, 'the key has expired');
    },
    allowPolls: () => (refusing = false),
    close: () =>
      new Promise((done) => {
        upstream?.destroy();
        server.close(() => done());
      }),
  };
}

function answerWith(stream: ServerHttp2Stream, status: string, message: string): void {
  if (stream.destroyed) return;
  if (stream.headersSent) return stream.close();
  const headers = {
    ':status': 200,
    'content-type': 'application/grpc',
    'grpc-status': status,
    'grpc-message': message,
  };
  stream.respond(headers, { endStream: true });
}

import {
  connect,
  constants,
  createSecureServer,
  type ClientHttp2Session,
  type Http2Session,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

const { HTTP2_HEADER_STATUS, HTTP2_HEADER_CONTENT_TYPE, NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM } = constants;

/** A call that was refused: status and message of gRPC. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** Ends TLS before a Temporal server that speaks none and passes each call on, as Temporal Cloud's frontend does. */
export interface TlsGate {
  /** Host and port to connect to. */
  readonly address: string;
  close(): Promise<void>;
}

/** What it lets in. */
export interface TlsGateOptions {
  /** Host and port of the server behind it. */
  readonly target: string;
  readonly tls: SecureServerOptions;
  /** Asked before each call. */
  readonly check: (headers: IncomingHttpHeaders) => Refusal | undefined;
}

/** Starts one on a free port. For specs only. */
export async function startTlsGate({ target, tls, check }: TlsGateOptions): Promise<TlsGate> {
  const upstreams = new Map<Http2Session | undefined, ClientHttp2Session>();
  const server = createSecureServer({ ...tls, ALPNProtocols: ['h2'] });
  server.on('session', (session) => {
    const upstream = connect(`http://${target}`);
    upstreams.set(
      session,
      upstream.on('error', () => session.destroy()),
    );
    session
      .on('error', () => session.destroy())
      .once('close', () => {
        upstreams.delete(session);
        upstream.destroy();
      });
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => stream.close());
    const refusal = check(headers);
    const upstream = upstreams.get(stream.session);
    if (refusal) refuse(stream, refusal);
    else if (upstream) pass(stream, headers, upstream);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    for (const session of upstreams.keys()) session?.destroy();
    await closed;
  };
  return { address: `127.0.0.1:${port}`, close };
}

function refuse(stream: ServerHttp2Stream, { status, message }: Refusal): void {
  const grpc = { 'grpc-status': String(status), 'grpc-message': encodeURIComponent(message) };
  const headers = { [HTTP2_HEADER_STATUS]: 200, [HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc', ...grpc };
  stream.respond(headers, { endStream: true });
}

function pass(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, upstream: ClientHttp2Session): void {
  const call = upstream.request(headers);
  let trailers: IncomingHttpHeaders = {};
  stream.pipe(call);
  call.on('error', () => stream.close(NGHTTP2_CANCEL));
  call.on('trailers', (got) => (trailers = got));
  call.on('response', (answer, flags) => {
    if (stream.destroyed) return;
    const endStream = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    stream.respond(answer, endStream ? { endStream } : { waitForTrailers: true });
    if (!endStream) call.pipe(stream);
  });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.once('close', () => call.close(NGHTTP2_CANCEL));
}

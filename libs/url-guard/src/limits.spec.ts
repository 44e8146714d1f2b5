import type { ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { parseAllowList } from './allow-list';
import { guardedFetch } from './guarded-fetch';
import type { UrlPolicy } from './policy';
import { resolvingTo, startServer, type TestServer } from './test-servers';

const MIB = 1024 * 1024;
const zeros = Buffer.alloc(64 * MIB);
const bodies = new Map<string, [encoding: string, body: Buffer]>([
  ['gzip', ['gzip', gzipSync(zeros)]],
  ['x-gzip', ['X-GZip', gzipSync(zeros)]],
  ['deflate', ['deflate', deflateSync(zeros)]],
  ['raw-deflate', ['deflate', deflateRawSync(zeros)]],
  ['br', ['br', brotliCompressSync(zeros)]],
  ['gzip-twice', ['gzip, gzip', gzipSync(gzipSync(zeros))]],
  ['members', ['gzip', Buffer.concat(Array.from({ length: 64 }, () => gzipSync(zeros.subarray(0, MIB))))]],
  ['no-output', ['gzip', Buffer.concat(Array.from({ length: 10_000 }, () => gzipSync('')))]],
  ['plain', ['', zeros]],
  ['exact', ['gzip', gzipSync(zeros.subarray(0, MIB))]],
  ['exact-plain', ['identity', zeros.subarray(0, MIB)]],
  ['exact-raw', ['deflate', deflateRawSync(zeros.subarray(0, MIB))]],
  ['exact-twice', ['br, gzip', gzipSync(brotliCompressSync(zeros.subarray(0, MIB)))]],
  ['cut', ['gzip', gzipSync(Buffer.from('hello world')).subarray(0, 15)]],
  ['not-gzip', ['gzip', Buffer.from('hello world')]],
  ['unknown', ['zstd', Buffer.from('hello')]],
  // Names that every object has.
  ['inherited', ['constructor', Buffer.from('hello')]],
  ['inherited-too', ['__proto__', Buffer.from('hello')]],
  ['four', ['gzip, gzip, gzip, gzip', gzipSync('')]],
]);

let server: TestServer;
let policy: UrlPolicy;
let sent = 0;
beforeAll(async () => {
  server = await startServer((request, response) => {
    const name = (request.url ?? '/').slice(1);
    const [encoding, body] = bodies.get(name) ?? [];
    if (encoding !== undefined) response.writeHead(200, { 'content-encoding': encoding }).end(body);
    else if (name === 'endless') pour(response);
    else if (name === 'trickle') trickle(response);
    else if (name === 'loop') setTimeout(() => response.writeHead(302, { location: '/loop' }).end(), 80);
  });
  policy = { allow: parseAllowList(`127.0.0.1:${server.port}`, 'TEST_ALLOW') };
});
afterAll(() => server.close());

function pour(response: ServerResponse): void {
  const more = () => {
    while (!response.destroyed && response.write(zeros.subarray(0, 65_536))) sent += 65_536;
  };
  response.on('drain', more);
  more();
}

function trickle(response: ServerResponse): void {
  response.writeHead(200, { 'content-encoding': 'gzip' });
  const body = gzipSync('hello world');
  let next = 0;
  const timer = setInterval(() => response.write(body.subarray(next, (next += 1))), 50);
  response.on('close', () => clearInterval(timer));
}

describe('size', () => {
  it.each(['gzip', 'x-gzip', 'deflate', 'raw-deflate', 'br', 'gzip-twice', 'members', 'no-output', 'plain', 'endless'])(
    'stops %s at the cap, in little memory',
    async (name) => {
      const before = process.memoryUsage().arrayBuffers;
      const maxBytes = name === 'no-output' ? 1000 : MIB;
      const attempt = guardedFetch(`${server.url}/${name}`, { policy, maxBytes });
      await expect(attempt).rejects.toMatchObject({ code: 'response_too_large', details: { limit: maxBytes } });
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MIB);
    },
  );

  it('stops the sender too', async () => {
    const soFar = sent;
    await new Promise((done) => setTimeout(done, 50));
    expect(sent).toBe(soFar);
  });

  it.each(['exact', 'exact-plain', 'exact-raw', 'exact-twice'])(
    'lets %s through: as large as the cap',
    async (name) => {
      const { body } = await guardedFetch(`${server.url}/${name}`, { policy, maxBytes: MIB });
      expect(body.equals(zeros.subarray(0, MIB))).toBe(true);
    },
  );

  it.each(['cut', 'not-gzip', 'unknown', 'four', 'inherited', 'inherited-too'])(
    'fails on %s, which cannot be undone',
    async (name) => {
      await expect(guardedFetch(`${server.url}/${name}`, { policy })).rejects.toMatchObject({ code: 'fetch_failed' });
    },
  );
});

// Long after the cap.
const lateResolve = () => new Promise<string[]>((done) => setTimeout(() => done(['127.0.0.1']), 600));

async function elapsed(attempt: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await expect(attempt).rejects.toMatchObject({ code: 'fetch_timed_out', details: { limit: 300 } });
  return performance.now() - startedAt;
}

describe('time', () => {
  it.each(['silent', 'trickle', 'loop'])('ends %s at the cap', async (name) => {
    const attempt = guardedFetch(`${server.url}/${name}`, { policy, timeoutMs: 300, maxRedirects: 20 });
    const time = await elapsed(attempt);
    expect(time).toBeGreaterThan(250);
    expect(time).toBeLessThan(1500);
  });

  it('ends a name look-up that does not answer, and connects to nothing when it does later', async () => {
    const before = server.seen.length;
    const attempt = guardedFetch(`http://slow.example:${server.port}/gzip`, {
      policy,
      resolve: lateResolve,
      timeoutMs: 300,
    });
    expect(await elapsed(attempt)).toBeLessThan(580);
    await new Promise((done) => setTimeout(done, 500));
    expect(server.seen).toHaveLength(before);
  });

  it('ends a TLS handshake that does not go on, and closes its connection', async () => {
    const closed: Promise<void>[] = [];
    const silent = createServer((socket) => {
      closed.push(
        new Promise((done) =>
          socket
            .resume()
            .on('error', () => {})
            .on('close', done),
        ),
      );
    });
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    const { port } = silent.address() as AddressInfo;
    const allowed = { allow: parseAllowList(`silent.example:${port}`, 'TEST_ALLOW') };
    const resolve = resolvingTo('127.0.0.1');
    const attempt = guardedFetch(`https://silent.example:${port}/`, { policy: allowed, resolve, timeoutMs: 300 });
    expect(await elapsed(attempt)).toBeLessThan(1500);
    await Promise.all(closed);
    expect(closed).toHaveLength(1);
    await new Promise((done) => silent.close(done));
  });
});

import { gzipSync } from 'node:zlib';
import { parseAllowList } from './allow-list';
import { guardedFetch } from './guarded-fetch';
import type { UrlPolicy } from './policy';
import { resolvingTo, startCanary, startServer, type Canary, type TestServer } from './test-servers';

let server: TestServer;
let canary: Canary;
let policy: UrlPolicy;
beforeAll(async () => {
  canary = await startCanary();
  server = await startServer((request, response) => {
    if (request.url === '/gzip') {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip', 'x-a': ['1', '2'] });
      response.end(request.method === 'HEAD' ? undefined : gzipSync('hello'));
    } else if (request.url === '/latin1') {
      response.writeHead(200, { 'content-type': 'text/plain; charset=ISO-8859-1' }).end(Buffer.from([0xe9]));
    } else if (request.url === '/silent') {
      // Never answers.
    } else if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': '10' }).write('abc');
      setTimeout(() => response.destroy(), 20);
    } else response.writeHead(request.url === '/missing' ? 404 : 200).end('ok');
  });
  policy = { allow: parseAllowList(`127.0.0.1:${server.port}`, 'TEST_ALLOW') };
});
afterAll(async () => {
  await server.close();
  await canary.close();
});

describe('what the operator allows', () => {
  it('is fetched: status, headers, decompressed body, final URL', async () => {
    const answer = await guardedFetch(`${server.url}/gzip`, { policy });
    expect(answer.status).toBe(200);
    expect(answer.text()).toBe('hello');
    expect(answer.body.equals(Buffer.from('hello'))).toBe(true);
    expect(answer.finalUrl).toBe(`${server.url}/gzip`);
    expect(answer.headers).toMatchObject({ 'content-type': 'text/plain', 'x-a': '1, 2' });
    expect(answer.headers).not.toHaveProperty('content-encoding');
  });

  it('is fetched by a name, which stays the Host', async () => {
    const named: UrlPolicy = { allow: parseAllowList(`app.example:${server.port}`, 'TEST_ALLOW') };
    const resolve = resolvingTo('127.0.0.1');
    const answer = await guardedFetch(`http://app.example:${server.port}/`, { policy: named, resolve });
    expect(answer.status).toBe(200);
    expect(server.seen.at(-1)?.headers.host).toBe(`app.example:${server.port}`);
  });

  it('is fetched by the resolver of the system', async () => {
    const named: UrlPolicy = { allow: parseAllowList(`localhost:${server.port}`, 'TEST_ALLOW') };
    const answer = await guardedFetch(`http://localhost:${server.port}/`, { policy: named });
    expect(answer.text()).toBe('ok');
  });

  it('gets the method, headers and body', async () => {
    const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer x' };
    await guardedFetch(`${server.url}/hook`, { policy, method: 'POST', headers, body: '{"a":1}' });
    expect(server.seen.at(-1)).toMatchObject({
      method: 'POST',
      path: '/hook',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json', authorization: 'Bearer x', 'content-length': '7' },
    });
  });

  it('may answer without success, in another charset, or to HEAD', async () => {
    expect((await guardedFetch(`${server.url}/missing`, { policy })).status).toBe(404);
    expect((await guardedFetch(`${server.url}/latin1`, { policy })).text()).toBe('é');
    expect((await guardedFetch(`${server.url}/gzip`, { policy, method: 'HEAD' })).body).toHaveLength(0);
  });

  it('opens no other port of the same address', async () => {
    const attempt = guardedFetch(`http://127.0.0.1:${canary.port}/`, { policy });
    await expect(attempt).rejects.toMatchObject({ code: 'url_refused', details: { rule: 'loopback_address' } });
    expect(canary.connections()).toBe(0);
  });
});

describe('a name whose answer changes', () => {
  it('is resolved once, and the connection goes to that answer', async () => {
    let lookUps = 0;
    const resolve = () => Promise.resolve([(lookUps += 1) === 1 ? '127.0.0.1' : '127.0.0.2']);
    const answer = await guardedFetch(`http://rebind.example:${server.port}/`, { policy, resolve });
    expect([answer.text(), lookUps]).toEqual(['ok', 1]);
  });

  it('is refused as soon as an answer is not allowed, also on the next fetch of the same URL', async () => {
    let lookUps = 0;
    const resolve = () => Promise.resolve([(lookUps += 1) === 1 ? '127.0.0.1' : '::1']);
    const url = `http://rebind.example:${server.port}/`;
    await guardedFetch(url, { policy, resolve });
    const second = guardedFetch(url, { policy, resolve });
    await expect(second).rejects.toMatchObject({ details: { rule: 'loopback_address' } });
  });

  it('gains nothing from a public first answer', async () => {
    // 8.8.8.8 is checked, and would be what is connected to; here the second address ends it before any connection.
    const resolve = resolvingTo('8.8.8.8', '127.0.0.1');
    const attempt = guardedFetch(`http://rebind.example:${canary.port}/`, {
      policy: { ports: [canary.port] },
      resolve,
    });
    await expect(attempt).rejects.toMatchObject({ details: { rule: 'loopback_address' } });
    expect(canary.connections()).toBe(0);
  });
});

describe('what fails', () => {
  it('is a name without an address, or a refused connection, without the address in the text', async () => {
    const none = guardedFetch('http://nowhere.example/', { resolve: () => Promise.resolve([]) });
    await expect(none).rejects.toMatchObject({ code: 'fetch_failed', details: { reason: 'ENOTFOUND' } });
    const closed = await startServer(() => {});
    await closed.close();
    const entry = { allow: parseAllowList(`127.0.0.1:${closed.port}`, 'TEST_ALLOW') };
    const resolve = resolvingTo('127.0.0.1');
    const refused = guardedFetch(`http://closed.example:${closed.port}/a?b`, { policy: entry, resolve });
    await expect(refused).rejects.toMatchObject({
      code: 'fetch_failed',
      message: `No answer could be had from http://closed.example:${closed.port}/… (ECONNREFUSED)`,
    });
  });

  it('is an answer cut short', async () => {
    await expect(guardedFetch(`${server.url}/cut`, { policy })).rejects.toMatchObject({ code: 'fetch_failed' });
  });

  it("is whatever the caller's signal ends, with its own reason", async () => {
    const reason = new Error('no longer wanted');
    const during = new AbortController();
    setTimeout(() => during.abort(reason), 50);
    await expect(guardedFetch(`${server.url}/silent`, { policy, signal: during.signal })).rejects.toBe(reason);
    const before = server.seen.length;
    await expect(guardedFetch(server.url, { policy, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.seen).toHaveLength(before);
  });

  it('is a request that cannot be sent: each field is named, no header value is shown', async () => {
    const headers = { Host: 'other.example', 'X-Key': 'secret\r\nX-Other: 1', 'Transfer-Encoding': 'chunked' };
    const error: unknown = await guardedFetch(server.url, { policy, headers, body: 'x' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'invalid_input',
      fields: [
        { field: 'body' },
        { field: 'headers.Host' },
        { field: 'headers.X-Key' },
        { field: 'headers.Transfer-Encoding' },
      ],
    });
    expect(JSON.stringify(error)).not.toContain('secret');
    await expect(guardedFetch(server.url, { policy, method: 'CONNECT' as 'GET' })).rejects.toMatchObject({
      fields: [{ field: 'method', got: 'CONNECT' }],
    });
  });

  it.each([{ timeoutMs: 0 }, { timeoutMs: Number.NaN }, { maxBytes: 0.5 }, { maxRedirects: -1 }])(
    'is the limit %j',
    async (limit) => {
      await expect(guardedFetch(server.url, { policy, ...limit })).rejects.toThrow(RangeError);
    },
  );
});

import { parseAllowList } from './allow-list';
import { guardedFetch, type GuardedFetchOptions } from './guarded-fetch';
import type { UrlPolicy } from './policy';
import { resolvingTo, startCanary, startServer, type Canary, type TestServer } from './test-servers';

let server: TestServer;
let other: TestServer;
let canary: Canary;
let policy: UrlPolicy;
beforeAll(async () => {
  canary = await startCanary();
  other = await startServer((_request, response) => response.end('other'));
  // /to?status=302&url=... redirects there; /hops?n=3 redirects n times more.
  server = await startServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    const location = url.searchParams.get('url');
    const hops = Number(url.searchParams.get('n') ?? 0);
    if (location !== null) {
      response.writeHead(Number(url.searchParams.get('status') ?? 302), { location }).end('x'.repeat(100_000));
    } else if (hops > 0) response.writeHead(301, { location: `?n=${hops - 1}` }).end();
    else if (url.pathname === '/lost') response.writeHead(302).end('nowhere');
    else response.end('here');
  });
  policy = { allow: parseAllowList(`127.0.0.1:${server.port}, 127.0.0.1:${other.port}`, 'TEST_ALLOW') };
});
afterAll(() => Promise.all([server.close(), other.close(), canary.close()]));

function via(location: string, options: GuardedFetchOptions & { status?: number } = {}) {
  const query = new URLSearchParams({ url: location, status: String(options.status ?? 302) });
  return guardedFetch(`${server.url}/to?${query.toString()}`, { policy, ...options });
}

describe('a redirect to where nobody may go', () => {
  it.each([
    ['http://127.0.0.1:PORT/', 'loopback_address'],
    ['http://[::1]:PORT/', 'loopback_address'],
    ['//127.0.0.1:PORT/', 'loopback_address'],
    ['http://2130706433:PORT/', 'loopback_address'],
    ['http://[::ffff:127.0.0.1]:PORT/', 'embedded_ipv4_address'],
    ['http://localhost:PORT/', 'local_name'],
    ['http://rebind.example:PORT/', 'loopback_address'],
    ['http://169.254.169.254/latest/meta-data/', 'metadata_address'],
    ['http://user:secret@127.0.0.1:PORT/', 'credentials'],
    ['\\\\127.0.0.1:PORT/', 'characters'],
    ['file:///etc/passwd', 'scheme'],
    ['http://[', 'url'],
  ])('%s is refused by the rule %s', async (location, rule) => {
    const resolve = resolvingTo('127.0.0.1');
    const ports = { ...policy, ports: [80, canary.port] };
    const attempt = via(location.replace('PORT', String(canary.port)), { policy: ports, resolve });
    const field = 'url.redirect[0]';
    await expect(attempt).rejects.toMatchObject({ code: 'url_refused', details: { rule, field }, fields: [{ field }] });
    expect(canary.connections()).toBe(0);
  });

  it('is refused at the second redirect too', async () => {
    const second = `${server.url}/to?url=${encodeURIComponent(`http://127.0.0.1:${canary.port}/`)}`;
    await expect(via(second)).rejects.toMatchObject({ details: { field: 'url.redirect[1]' } });
    expect(canary.connections()).toBe(0);
  });

  it('is refused when the same name has another address by then', async () => {
    let lookUps = 0;
    const resolve = () => Promise.resolve([(lookUps += 1) === 1 ? '127.0.0.1' : '127.0.0.2']);
    const attempt = guardedFetch(`http://rebind.example:${server.port}/to?url=/`, { policy, resolve });
    await expect(attempt).rejects.toMatchObject({ details: { rule: 'loopback_address', field: 'url.redirect[0]' } });
    expect(lookUps).toBe(2);
  });
});

describe('a redirect that may be followed', () => {
  it('is, and says where it ended', async () => {
    const answer = await via(`${other.url}/path`);
    expect([answer.text(), answer.finalUrl]).toEqual(['other', `${other.url}/path`]);
  });

  it('is counted', async () => {
    expect((await guardedFetch(`${server.url}/hops?n=5`, { policy })).text()).toBe('here');
    const many = guardedFetch(`${server.url}/hops?n=6`, { policy });
    await expect(many).rejects.toMatchObject({ code: 'too_many_redirects', details: { limit: 5 } });
    const none = guardedFetch(`${server.url}/hops?n=1`, { policy, maxRedirects: 0 });
    await expect(none).rejects.toMatchObject({ code: 'too_many_redirects' });
  });

  it('is an answer like any other when it does not say where to', async () => {
    const answer = await guardedFetch(`${server.url}/lost`, { policy });
    expect([answer.status, answer.text()]).toEqual([302, 'nowhere']);
  });

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [301, 'PUT', 'PUT', 'data'],
    [307, 'POST', 'POST', 'data'],
    [308, 'POST', 'POST', 'data'],
  ] as const)('%i turns %s into %s', async (status, method, then, body) => {
    await via('/next', { status, method, body: 'data', headers: { 'content-type': 'text/plain' } });
    const seen = server.seen.at(-1);
    expect(seen).toMatchObject({ method: then, path: '/next', body });
    expect(seen?.headers['content-type']).toBe(body === '' ? undefined : 'text/plain');
  });

  it('takes secrets to its own origin only', async () => {
    const headers = { Authorization: 'Bearer s', Cookie: 's=1', 'X-Api-Key': 's', Accept: 'text/html' };
    await via('/next', { headers });
    const secrets = { authorization: 'Bearer s', cookie: 's=1', 'x-api-key': 's' };
    expect(server.seen.at(-1)?.headers).toMatchObject({ ...secrets, accept: 'text/html' });
    await via(`${other.url}/`, { headers });
    const seen = other.seen.at(-1)?.headers;
    expect(seen?.accept).toBe('text/html');
    for (const name of Object.keys(secrets)) expect(seen).not.toHaveProperty(name);
  });
});

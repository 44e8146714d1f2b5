import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { parseAllowList, type UrlPolicy } from '@fleet/url-guard';
import { createHttpSearch } from './http-search';
import { readPage, type PageVersion } from './read-page';

let server: Server;
let origin: string;
let policy: UrlPolicy;
let answer: RequestListener = (_, response) => void response.end();

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  origin = `http://127.0.0.1:${port}`;
  policy = { allow: parseAllowList(`127.0.0.1:${port}`, 'test') };
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const read = (known?: PageVersion, timeoutMs = 10_000, path = '/') =>
  readPage(
    `${origin}${path}`,
    { policy, timeoutMs },
    { signal: new AbortController().signal, known, field: 'urls[0]' },
  );

async function textOf(type: string | undefined, body: string | Buffer): Promise<string> {
  answer = (_, response) => void response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(body);
  const page = await read();
  return page === 'unchanged' ? page : page.text;
}

const HTML = `<!doctype html><html><head><title>T</title><style>p{}</style></head><body><nav><a href="/x">Menu</a></nav>
  <script>var x = "hidden";</script><h1>Play</h1><img src="a.png" alt="picture"><noscript>off</noscript>
  <table><tr><th>Day</th><th>Left</th></tr><tr><td>Friday</td><td>2</td></tr></table>
  <p>Caf&eacute;   <b>open</b>
  late</p></body></html>`;

test('a page is what a reader sees of it', async () => {
  expect(await textOf('text/html; charset=utf-8', HTML)).toBe('Menu\n\nPlay\n\nDay Left\nFriday 2\n\nCafé open late');
});

test.each([
  ['text/plain', 'a\r\n\r\n\r\n\r\nb   c', 'a\n\nb c'],
  ['application/json', '{"a":1}', '{"a":1}'],
  ['application/atom+xml', '<feed><title>x</title></feed>', '<feed><title>x</title></feed>'],
  [undefined, '<p>no type</p>', 'no type'],
  [undefined, 'no type', 'no type'],
  ['text/html', '', ''],
])('%s: %s', async (type, body, text) => {
  expect(await textOf(type, body)).toBe(text);
});

test.each([
  ['the header', 'text/html; charset=iso-8859-1', Buffer.from('<p>caf\xe9</p>', 'latin1'), 'café'],
  ['the page', 'text/html', Buffer.from('<meta charset="windows-1252"><p>caf\xe9</p>', 'latin1'), 'café'],
  ['the XML', 'application/xml', Buffer.from('<?xml version="1.0" encoding="iso-8859-1"?><a>\xe9</a>', 'latin1'), 'é'],
  ['a mark', 'text/plain; charset=iso-8859-1', Buffer.from('\ufeffcafé'), 'café'],
  ['no header that is mostly blanks', `text/plain; charset=${' '.repeat(15_000)}(`, Buffer.from('café'), 'café'],
  ['nothing that is known', 'text/plain; charset=klingon', Buffer.from('café'), 'café'],
  [
    'a charset that lies',
    'text/html; charset=utf-8',
    Buffer.from('<p>caf\xe9 \xff\xfe ok</p>', 'latin1'),
    'caf� �� ok',
  ],
])('the charset is that of %s', async (_how, type, body, text) => {
  expect(await textOf(type, body)).toContain(text);
});

test('NUL goes, and 100,000 characters are kept', async () => {
  expect(await textOf('text/plain', 'a\0b')).toBe('ab');
  expect(await textOf('text/html', `<p>${'word '.repeat(100_000)}</p>`)).toHaveLength(100_000);
});

test('what its server says has not changed is not sent again', async () => {
  const seen: (string | undefined)[] = [];
  answer = (request, response) => {
    seen.push(request.headers['if-none-match'], request.headers['if-modified-since']);
    const known = request.headers['if-none-match'] === '"1"';
    const headers = { etag: '"1"', 'last-modified': 'Tue, 01 Dec 2026 00:00:00 GMT', 'content-type': 'text/plain' };
    response.writeHead(known ? 304 : 200, headers).end(known ? undefined : 'text');
  };
  const first = await read();
  expect(first).toEqual({ text: 'text', version: { etag: '"1"', lastModified: 'Tue, 01 Dec 2026 00:00:00 GMT' } });
  expect(await read(first === 'unchanged' ? {} : first.version)).toBe('unchanged');
  expect(seen).toEqual([undefined, undefined, '"1"', 'Tue, 01 Dec 2026 00:00:00 GMT']);
});

test.each([
  [404, 'page_refused', 422],
  [403, 'page_refused', 422],
  [410, 'page_refused', 422],
  [304, 'page_failed', 502],
  [408, 'page_failed', 502],
  [500, 'page_failed', 502],
  [429, 'page_busy', 429],
  [503, 'page_busy', 429],
])('%i is %s', async (answered, code, status) => {
  answer = (_, response) => void response.writeHead(answered).end();
  await expect(read()).rejects.toMatchObject({ code, status, details: { status: answered, url: `${origin}/` } });
});

test.each([
  ['7', 7],
  [new Date(Date.now() + 3_600_000).toUTCString(), 3600],
  ['9999999', 86_400],
  ['soon', undefined],
  ['-5', undefined],
])('Retry-After %s', async (value, seconds) => {
  answer = (_, response) => void response.writeHead(503, { 'retry-after': value }).end();
  const error = (await read().catch((thrown: unknown) => thrown)) as { details: { retryAfterSeconds?: number } };
  const got = error.details.retryAfterSeconds;
  if (seconds === undefined) expect(got).toBeUndefined();
  else expect(Math.abs((got ?? 0) - seconds)).toBeLessThan(120);
});

test.each(['application/pdf', 'image/png', 'application/octet-stream'])('%s is no page', async (type) => {
  await expect(textOf(type, '%PDF')).rejects.toMatchObject({ code: 'page_unreadable', details: { type } });
});

test('bytes without a type are no page', async () => {
  await expect(textOf(undefined, Buffer.from([0x50, 0, 1, 2]))).rejects.toMatchObject({ code: 'page_unreadable' });
});

test('a page of 100 MB is left after 2 MB, however it is sent', async () => {
  let sent = 0;
  const chunk = Buffer.alloc(1_000_000, 'a');
  answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    const more = (): void => {
      while (sent < 100 && !response.destroyed) {
        sent += 1;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  };
  await expect(read()).rejects.toMatchObject({ code: 'response_too_large' });
  expect(sent).toBeLessThan(100);
  const bomb = gzipSync(Buffer.alloc(100_000_000));
  answer = (_, response) =>
    void response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(bomb);
  await expect(read()).rejects.toMatchObject({ code: 'response_too_large' });
}, 60_000);

test('a redirect loop, a page that hangs, one that is cut and a private address each have their code', async () => {
  answer = (_, response) => void response.writeHead(302, { location: '/again' }).end();
  await expect(read()).rejects.toMatchObject({ code: 'too_many_redirects' });
  answer = (_, response) => void response.writeHead(200, { 'content-type': 'text/plain' }).write('begins');
  await expect(read(undefined, 300)).rejects.toMatchObject({ code: 'fetch_timed_out' });
  answer = (request) => void request.socket.destroy();
  await expect(read()).rejects.toMatchObject({ code: 'fetch_failed' });
  answer = (_, response) => void response.writeHead(302, { location: 'http://10.0.0.1/' }).end();
  await expect(read()).rejects.toMatchObject({ code: 'url_refused', details: { field: 'urls[0].redirect[0]' } });
});

const search = (paths: readonly string[]) =>
  createHttpSearch({ policy }).search(
    {
      query: 'q',
      condition: 'c',
      search: { provider: 'http', urls: paths.map((path) => `${origin}${path}`), contains: 'on sale' },
      lastState: undefined,
      requestId: 'r',
      owner: 'local',
    },
    { signal: new AbortController().signal },
  );

describe('several pages of one server', () => {
  beforeEach(() => {
    answer = ({ url }, response) =>
      void response.writeHead(url === '/gone' ? 404 : 200, { 'content-type': 'text/plain' }).end(`${url}: on sale`);
  });

  test('are told apart in what was seen and in errors, without their paths', async () => {
    expect((await search(['/a', '/b'])).summary).toMatch(/^"on sale" is on page 1, http:\/\/127.0.0.1:\d+\/…; 2 page/);
    await expect(search(['/a', '/gone'])).rejects.toMatchObject({
      code: 'page_refused',
      message: `search.urls[1]: ${origin}/… answered 404`,
    });
  });

  test('one needs no number', async () => {
    expect((await search(['/a'])).summary).toMatch(/^"on sale" is on http/);
    await expect(search(['/gone'])).rejects.toMatchObject({ message: `${origin}/… answered 404` });
  });
});

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseAllowList } from '@fleet/url-guard';
import type { NoticePayload } from './payload';
import { createPostWebhook, signatureOf } from './webhook';

const payload = {
  event: 'monitor.condition_met',
  id: 'ntc_1',
  monitor: { name: 'Überwachung' },
} as unknown as NoticePayload;
const calm = new AbortController().signal;
let answer: { status: number; headers?: Record<string, string> } | 'silent' | 'slow body';
let seen: string[];
let server: Server;
let url: string;
let post: ReturnType<typeof createPostWebhook>;

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    if (answer === 'slow body') response.writeHead(200).write('.');
    else if (answer !== 'silent') response.writeHead(answer.status, answer.headers).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  url = `http://${address}/hook`;
  post = createPostWebhook({ allow: parseAllowList(address, 'x') }, 400);
});
beforeEach(() => void (seen = []));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const call = (to = url) => post({ url: to, secret: 'whsec_1', payload }, calm);

test.each([200, 202, 204])('%i is delivered', async (status) => {
  answer = { status };
  await call();
  expect(seen).toEqual(['POST /hook']);
});

test.each([
  [{ status: 500 }, 'webhook_refused'],
  [{ status: 404 }, 'webhook_refused'],
  [{ status: 410 }, 'webhook_gone'],
  [{ status: 302, headers: { location: '/other' } }, 'too_many_redirects'],
  [{ status: 307, headers: { location: 'http://169.254.169.254/' } }, 'too_many_redirects'],
  ['silent' as const, 'fetch_timed_out'],
  ['slow body' as const, 'fetch_timed_out'],
])('an answer of %j is %s, asked for once', async (next, code) => {
  answer = next;
  await expect(call()).rejects.toMatchObject({ code });
  expect(seen).toEqual(['POST /hook']);
});

test.each([
  'http://127.0.0.1:1/',
  'http://10.0.0.1/',
  'http://169.254.169.254/latest',
  'file:///etc/passwd',
  'http://a:b@example.com/',
])('%s is refused before anything is sent', async (to) => {
  await expect(call(to)).rejects.toMatchObject({ code: 'url_refused' });
  expect(seen).toEqual([]);
});

test('a receiver that is not there', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const address = `127.0.0.1:${(closed.address() as AddressInfo).port}`;
  closed.close();
  const elsewhere = createPostWebhook({ allow: parseAllowList(address, 'x') });
  const lost = elsewhere({ url: `http://${address}/`, secret: 's', payload }, calm);
  await expect(lost).rejects.toMatchObject({ code: 'fetch_failed' });
});

test('the signature is over the seconds, a dot and the body, with the secret as text', () => {
  const expected = createHmac('sha256', Buffer.from('whsec_ü')).update('1700000000.{"a":"ä"}').digest('hex');
  expect(signatureOf('whsec_ü', '{"a":"ä"}', new Date(1_700_000_000_999))).toBe(`t=1700000000,v1=${expected}`);
});

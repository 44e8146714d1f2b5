import { connect } from 'node:net';
import { createTestGateway, type TestGateway } from './testing/gateway';
import { send } from './testing/http';

const TOKEN = 'correct-horse-battery-staple';
let open: TestGateway;
let closed: TestGateway;

beforeAll(async () => {
  [open, closed] = await Promise.all([
    createTestGateway({ config: { allowedHosts: new Set(['fleet.example.com']) } }),
    createTestGateway({ config: { token: TOKEN } }),
  ]);
});

afterAll(() => Promise.all([open.close(), closed.close()]));

const raw = (payload: string, type = 'application/json') =>
  open.app.inject({ method: 'POST', url: '/v1/jobs', payload, headers: { 'content-type': type } });

const nested = (levels: number): string => `{"workflow":"probe","id":${'['.repeat(levels)}${']'.repeat(levels)}}`;

describe('bodies', () => {
  it.each(['{', '{"workflow":}', 'nope', '{"__proto__":{"x":1}}'])('refuses %s', async (payload) => {
    const response = await raw(payload);
    expect([response.statusCode, response.json().code]).toEqual([400, 'invalid_json']);
    expect(response.headers['content-type']).toContain('application/problem+json');
  });

  it('refuses what is nested too deep to be walked', async () => {
    for (const [levels, code] of [
      [499, 'invalid_input'],
      [500, 'invalid_json'],
      [100_000, 'invalid_json'],
    ] as const)
      expect((await raw(nested(levels))).json()).toMatchObject({ status: 400, code });
  });

  it('says of an empty body what it should hold', async () => {
    const response = await raw('');
    expect([response.statusCode, response.json().errors]).toEqual([
      400,
      [{ field: 'body', rule: 'must be a JSON object, for instance {"workflow":"probe"}, and is empty' }],
    ]);
  });

  it('refuses other types', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'nonsense']) {
      const response = await raw('workflow=probe', type);
      expect([response.statusCode, response.json().code]).toEqual([415, 'unsupported_media_type']);
    }
  });

  it('refuses more than 1 MB, announced or streamed', async () => {
    const origin = await open.listen();
    const large = 'x'.repeat(1_048_577);
    const streamed = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 3; sent += 1) controller.enqueue(new TextEncoder().encode(large));
        controller.close();
      },
    });
    for (const body of [large, streamed]) {
      const init = {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
        duplex: 'half',
      } as RequestInit;
      const response = await fetch(`${origin}/v1/jobs`, init);
      expect([response.status, await response.json()]).toEqual([
        413,
        expect.objectContaining({ code: 'body_too_large' }),
      ]);
    }
  });
});

describe('paths', () => {
  it('answers 404 for a route or method there is not', async () => {
    for (const [method, url] of [
      ['GET', '/nope'],
      ['DELETE', '/v1/jobs'],
      ['PUT', '/v1/queues/high'],
      ['POST', '/healthz'],
    ] as const) {
      const { status, headers, body } = await send(open.app, method, url);
      expect([status, body.code, body.detail]).toEqual([
        404,
        'route_not_found',
        `There is nothing at ${method} ${url}`,
      ]);
      expect(headers['content-type']).toContain('application/problem+json');
    }
  });

  it('answers 400 for one that is not well-formed', async () => {
    const { status, headers, body } = await send(open.app, 'GET', '/v1/jobs/%zz');
    expect([status, body.code, body.errors[0].field]).toEqual([400, 'invalid_input', 'path']);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(await send(open.app, 'GET', `/v1/jobs/${'x'.repeat(5000)}`)).toMatchObject({
      status: 400,
      body: { code: 'invalid_input' },
    });
    expect(await send(open.app, 'GET', `/v1/jobs/${'x'.repeat(1001)}`)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'id' }] },
    });
  });
});

describe('hosts and origins', () => {
  it.each([
    'localhost',
    'localhost:8080',
    '127.0.0.1:1',
    '127.1.2.3',
    '[::1]:8080',
    'LOCALHOST.',
    'fleet.example.com',
    'fleet.example.com:8443',
  ])('answers to %s', async (host) => {
    expect((await send(open.app, 'GET', '/healthz', undefined, { host })).status).toBe(200);
  });

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.1.2.3', 'a b', 'localhost@evil'])(
    'does not answer to %j',
    async (host) => {
      const { status, body } = await send(open.app, 'GET', '/healthz', undefined, { host });
      expect([status, body.code]).toEqual([421, 'host_not_allowed']);
    },
  );

  it('does not let the page of another site submit', async () => {
    const probe = { workflow: 'probe' };
    for (const origin of ['https://evil.example', 'null', 'http://localhost:3000']) {
      const { status, body } = await send(open.app, 'POST', '/v1/jobs', probe, { origin });
      expect([status, body.code]).toEqual([403, 'cross_site_request']);
    }
    expect(
      (await send(open.app, 'POST', '/v1/jobs', probe, { origin: 'http://localhost:80', host: 'localhost' })).status,
    ).toBe(202);
    expect((await send(open.app, 'GET', '/healthz', undefined, { origin: 'https://evil.example' })).status).toBe(200);
  });
});

const list = (authorization?: string) =>
  send(closed.app, 'GET', '/v1/workflows', undefined, authorization ? { authorization } : {});

describe('tokens', () => {
  it('lets in only who has it, and supervisors', async () => {
    const refused = await list();
    expect(refused).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(refused.headers['www-authenticate']).toBe('Bearer');
    for (const wrong of ['Bearer nope', `Basic ${TOKEN}`, TOKEN, `Bearer ${TOKEN}x`])
      expect((await list(wrong)).status).toBe(401);
    expect((await list(`Bearer ${TOKEN}`)).status).toBe(200);
    for (const url of ['/metrics', '/openapi.json', '/nope'])
      expect((await send(closed.app, 'GET', url)).status).toBe(401);
    for (const url of ['/healthz', '/readyz']) expect((await send(closed.app, 'GET', url)).status).toBe(200);
  });

  it('makes its holder the owner', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const { body } = await send(closed.app, 'POST', '/v1/jobs', { workflow: 'probe' }, headers);
    expect((await send(closed.app, 'GET', body.location, undefined, headers)).body.owner).toBe('admin');
  });
});

describe('request ids and logs', () => {
  it('keeps a safe id, makes one otherwise, and logs no secret', async () => {
    const id = 'req-42.a_b';
    expect((await send(open.app, 'GET', '/nope', undefined, { 'x-request-id': id })).body.request_id).toBe(id);
    const unsafe = await send(open.app, 'GET', '/nope', undefined, { 'x-request-id': 'a b"' });
    expect(unsafe.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(open.logged.some((line) => line.includes(`"request_id":"${id}"`))).toBe(true);

    await send(
      closed.app,
      'POST',
      '/v1/jobs?secret=hunter2',
      { workflow: 'hunter2' },
      { authorization: `Bearer ${TOKEN}` },
    );
    const log = closed.logged.join('');
    expect(log).not.toContain(TOKEN);
    expect(log).not.toContain('hunter2');
  });

  it('answers what is no HTTP, or names no host, with a problem', async () => {
    const { port } = new URL(await closed.listen());
    expect(await rawAnswer(Number(port), 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json/s);
    const noHost = await rawAnswer(Number(port), 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect(noHost).toMatch(/^HTTP\/1\.1 421 .*host_not_allowed/s);
  });
});

function rawAnswer(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.on('data', (bytes) => (text += bytes.toString())).on('close', () => resolve(text));
  });
}

import { createHash, randomBytes } from 'node:crypto';
import { get, request, type IncomingHttpHeaders } from 'node:http';
import { createTestGateway, type TestGateway } from '../testing/gateway';

const MIB = 1024 * 1024;
let gateway: TestGateway;
let origin: string;

beforeAll(async () => {
  gateway = await createTestGateway();
  origin = await gateway.listen();
});

afterAll(() => gateway.close());

const put = (body: NonNullable<RequestInit['body']>, type = 'text/csv', query = '') =>
  fetch(`${origin}/v1/artifacts${query}`, {
    method: 'POST',
    body,
    headers: type === '' ? {} : { 'content-type': type },
  });

describe('POST /v1/artifacts', () => {
  it('stores bytes of every type and gives them back', async () => {
    const bytes = randomBytes(3 * MIB + 17);
    const stored = await put(bytes, 'application/json', '?name=gr%C3%B6%C3%9Fe%22.json');
    expect(stored.status).toBe(201);
    const artifact = (await stored.json()) as Record<string, unknown>;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(artifact).toMatchObject({
      name: 'größe".json',
      size: bytes.length,
      type: 'application/json',
      sha256,
      owner: 'local',
    });
    expect(stored.headers.get('location')).toBe(`/v1/artifacts/${String(artifact['id'])}`);

    const read = await fetch(`${origin}${stored.headers.get('location')}`);
    expect(Buffer.from(await read.arrayBuffer()).equals(bytes)).toBe(true);
    expect(Object.fromEntries(read.headers)).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      etag: `"${sha256}"`,
      'content-disposition': `attachment; filename="gr__e_.json"; filename*=UTF-8''gr%C3%B6%C3%9Fe%22.json`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
    });
  });

  it('answers HEAD and If-None-Match without the bytes', async () => {
    const { headers } = await put('a,b\n1,2\n');
    const url = `${origin}${headers.get('location')}`;
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '8', '']);
    const cached = await fetch(url, { headers: { 'if-none-match': head.headers.get('etag') ?? '' } });
    expect([cached.status, await cached.text()]).toEqual([304, '']);
  });

  it('refuses no type, no bytes, a bad name and an unknown id', async () => {
    expect(await problem(put(new Uint8Array([1]), ''))).toEqual([415, 'unsupported_media_type']);
    expect(await problem(put('x', 'csv'))).toEqual([415, 'unsupported_media_type']);
    expect(await problem(put(''))).toEqual([400, 'empty_artifact']);
    expect(await problem(put('x', 'text/csv', `?name=${'x'.repeat(201)}`))).toEqual([400, 'invalid_input']);
    expect(await problem(put('x', 'text/csv', '?name=a%00b'))).toEqual([400, 'invalid_input']);
    expect(await problem(fetch(`${origin}/v1/artifacts/nope`))).toEqual([404, 'artifact_not_found']);
    expect((await fetch(`${origin}/v1/artifacts/nope`, { method: 'HEAD' })).status).toBe(404);
  });

  it('refuses more than 64 MiB before it is sent', async () => {
    const { status, body } = await upload({ 'content-length': String(64 * MIB + 1) }, () => undefined);
    expect([status, body.code]).toEqual([413, 'artifact_too_large']);
  });

  it('refuses more than 64 MiB of a stream without a length, and leaves nothing', async () => {
    const piece = Buffer.alloc(MIB, 'x');
    const { status, body } = await upload({}, (write) => {
      for (let sent = 0; sent < 66; sent += 1) write(piece);
    });
    expect([status, body.code]).toEqual([413, 'artifact_too_large']);
  });

  it('survives a client that hangs up in the middle, up or down', async () => {
    const client = request(`${origin}/v1/artifacts`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', 'content-length': '1000000' },
    });
    client.on('error', () => undefined);
    client.write(Buffer.alloc(400_000, 'x'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.destroy();

    const { headers } = await put(Buffer.alloc(8 * MIB, 'x'));
    await new Promise<void>((resolve) => {
      const download = get(`${origin}${headers.get('location')}`, (answer) =>
        answer.once('data', () => download.destroy()),
      );
      download.on('error', () => undefined).on('close', () => resolve());
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    expect(gateway.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});

async function problem(response: Promise<Response>): Promise<[number, unknown]> {
  const answer = await response;
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  return [answer.status, ((await answer.json()) as { code: string }).code];
}

/** A request by hand, as fetch insists on the length it counted itself. */
function upload(
  headers: Record<string, string>,
  send: (write: (bytes: Buffer) => void) => void,
): Promise<{ status: number; headers: IncomingHttpHeaders; body: { code: string } }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${origin}/v1/artifacts`,
      { method: 'POST', headers: { 'content-type': 'text/csv', ...headers } },
      (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('end', () => {
          outgoing.destroy();
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: JSON.parse(Buffer.concat(pieces).toString()),
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.flushHeaders();
    send((bytes) => void outgoing.write(bytes));
    if (headers['content-length'] === undefined) outgoing.end();
  });
}

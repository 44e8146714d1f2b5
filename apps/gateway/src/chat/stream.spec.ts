import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { asking, createChatGateway, type ChatGateway } from '../testing/chat-gateway';
import { readEvents, type StreamEvent } from '../testing/events';
import { until } from '../testing/until';

const LIMITS = { pingMs: 200, maxBytes: 20_000, stallMs: 1500 };

let gateway: ChatGateway;
let origin: string;

beforeAll(async () => {
  gateway = await createChatGateway({ limits: LIMITS });
  origin = await gateway.listen();
});
afterEach(() => Promise.all([gateway.provider.heal(), gateway.provider.forgetCalls()]));
afterAll(() => gateway.close());

async function stream(text: string, signal?: AbortSignal): Promise<{ response: Response; events: StreamEvent[] }> {
  const response = await fetch(`${origin}/v1/chat`, {
    method: 'POST',
    body: JSON.stringify({ ...asking(text, { model_hint: 'small' }), stream: true }),
    headers: { 'content-type': 'application/json' },
    ...(signal && { signal }),
  });
  return { response, events: await readEvents(response) };
}

/** The row of the request, once it is written. */
async function rowOf(response: Response): Promise<object> {
  const requestId = response.headers.get('x-fleet-request-id');
  const find = async () => (await gateway.store.chatLog.list({}, 50)).find((row) => row.requestId === requestId);
  await until(async () => (await find()) !== undefined);
  return (await find()) ?? {};
}

const dataOf = (events: readonly StreamEvent[]) => events.flatMap(({ data }) => (data === undefined ? [] : [data]));
const lastOf = (events: readonly StreamEvent[]) =>
  JSON.parse(dataOf(events).at(-1) ?? '{}') as { error?: { code: string } };

describe('a stream', () => {
  it('is relayed chunk by chunk, ends with [DONE], and is logged', async () => {
    await gateway.provider.fail({ kind: 'slow', chunkMs: 120 });
    const { response, events } = await stream('one two three four');
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-negotiated-model')).toBe('small');
    const data = dataOf(events);
    expect(data.at(-1)).toBe('[DONE]');
    expect(data.length).toBeGreaterThan(8);
    // Each left as it came, not all of them at the end.
    const times = events.filter((event) => event.data !== undefined).map(({ atMs }) => atMs);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(120 * (data.length - 4));
    const bytes = data.reduce((sum, text) => sum + Buffer.byteLength(`data: ${text}\n\n`), 0);
    expect(await rowOf(response)).toMatchObject({
      kind: 'stream',
      success: true,
      aborted: false,
      modelId: 'small',
      bytesStreamed: bytes - Buffer.byteLength('data: [DONE]\n\n'),
    });
  });

  it('pings while the provider is silent', async () => {
    await gateway.provider.fail({ kind: 'slow', chunkMs: 500 });
    const { events } = await stream('ping');
    expect(events.filter(({ comment }) => comment === 'ping').length).toBeGreaterThan(3);
    expect(dataOf(events).at(-1)).toBe('[DONE]');
  });

  it.each([
    ['is cut', { kind: 'cut', afterChunks: 3 } as const, 'provider_failed'],
    ['goes silent', { kind: 'silent', afterChunks: 3 } as const, 'provider_timeout'],
    ['sends an error', { kind: 'error_event', afterChunks: 3 } as const, 'provider_failed'],
  ])('that %s ends with an error, never as if it were whole', async (_name, fault, code) => {
    await gateway.provider.fail(fault);
    const { response, events } = await stream('one two three four five');
    expect(response.status).toBe(200);
    expect(lastOf(events)).toMatchObject({ error: { code } });
    expect(dataOf(events)).not.toContain('[DONE]');
    expect(dataOf(events).length).toBeGreaterThan(1);
    expect(await rowOf(response)).toMatchObject({ success: false, aborted: true, errorClass: 'transient' });
  });

  it('that is too large is ended with an error, and the provider with it', async () => {
    await gateway.provider.fail({ kind: 'say', text: 'word '.repeat(5000) });
    const { response, events } = await stream('a long one');
    expect(lastOf(events)).toMatchObject({ error: { code: 'stream_too_large' } });
    const { bytesStreamed } = (await rowOf(response)) as { bytesStreamed: number };
    expect(bytesStreamed).toBeGreaterThan(LIMITS.maxBytes - 1000);
  });

  it('goes to another model before its first chunk, and to none after it', async () => {
    await gateway.provider.fail({ kind: 'status', status: 500, model: 'small', times: 'always' });
    const { response, events } = await stream('who?');
    expect(response.headers.get('x-negotiated-model')).toBe('large');
    expect(dataOf(events).at(-1)).toBe('[DONE]');
  });

  it('whose reader leaves aborts the provider, and is logged as such', async () => {
    await gateway.provider.fail({ kind: 'slow', chunkMs: 200 });
    const leave = new AbortController();
    const response = await fetch(`${origin}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'small', stream: true, messages: [{ role: 'user', content: 'a b c d e f' }] }),
      headers: { 'content-type': 'application/json' },
      signal: leave.signal,
    });
    const reader = response.body?.getReader();
    await reader?.read();
    leave.abort();
    await until(async () => (await gateway.provider.calls()).aborted === 1);
    expect(await rowOf(response)).toMatchObject({ aborted: true, success: true });
    const { body } = await gateway.app.inject('/metrics');
    expect(body).toMatch(/fleet_chat_requests_total\{[^}]*status="client_left"/);
  });

  it('whose reader leaves before its first chunk is logged, too', async () => {
    await gateway.provider.fail({ kind: 'slow', delayMs: 5000 });
    await expect(stream('too late', AbortSignal.timeout(300))).rejects.toThrow('aborted');
    await until(async () => (await gateway.provider.calls()).aborted === 1);
    await until(async () => {
      const [row] = await gateway.store.chatLog.list({}, 1);
      return row?.kind === 'stream' && row.aborted && !row.success && row.modelId === null;
    });
  });

  it('waits for a slow reader', async () => {
    const big = await createChatGateway({ models: [{ id: 'small' }] });
    await big.provider.fail({ kind: 'say', text: 'many words '.repeat(100_000) });
    const sockets: Socket[] = [];
    big.app.server.on('connection', (socket) => void sockets.push(socket));
    const response = await fetch(`${await big.listen()}/v1/chat`, {
      method: 'POST',
      body: JSON.stringify({ ...asking('all of it'), stream: true }),
      headers: { 'content-type': 'application/json' },
    });
    const written = () => sockets.reduce((sum, socket) => sum + socket.bytesWritten, 0);
    await until(async () => {
      const before = written();
      await sleep(1000);
      return before > 0 && written() === before;
    });
    // Over 30 MB are to come; the provider waits, and little of it is held here.
    expect(written()).toBeLessThan(20_000_000);
    expect(sockets.reduce((sum, socket) => sum + socket.writableLength, 0)).toBeLessThan(1_000_000);
    expect((await big.provider.calls()).open).toBe(1);
    const events = await readEvents(response);
    expect(dataOf(events).at(-1)).toBe('[DONE]');
    await big.close();
  });
});

describe('a drain', () => {
  it('lets a stream finish, and ends one that does not, or has not begun, with an error of its own', async () => {
    const own = await createChatGateway({ models: [{ id: 'small' }], limits: LIMITS });
    const url = `${await own.listen()}/v1/chat`;
    const start = (text: string): Promise<Response> =>
      fetch(url, {
        method: 'POST',
        body: JSON.stringify({ ...asking(text), stream: true }),
        headers: { 'content-type': 'application/json' },
      });
    await own.provider.fail({ kind: 'slow', chunkMs: 60 });
    await own.provider.fail({ kind: 'slow', chunkMs: 1000 });
    await own.provider.fail({ kind: 'slow', delayMs: 20_000 });
    const finishing = readEvents(await start('short'));
    const endless = readEvents(await start('one two three four five six seven eight'));
    const unbegun = start('never');
    await until(async () => (await own.provider.calls()).total === 3);
    own.lifecycle.drain();
    expect(dataOf(await finishing).at(-1)).toBe('[DONE]');
    own.lifecycle.endWaits();
    expect(lastOf(await endless)).toMatchObject({ error: { code: 'stream_stopped' } });
    const refused = await unbegun;
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await refused.json()).toMatchObject({
      code: 'stream_stopped',
      remedy: expect.stringMatching(/begins anew/),
    });
    await own.close();
  });
});

import { startStandInProvider, type FaultInput, type StandInProvider } from '@fleet/stand-in-provider';
import type { CallOptions, ChatChunk, ProviderAdapter, ProviderCall } from '../provider';
import type { ProviderSpec } from '../catalog';
import { createAdapters } from '.';

let provider: StandInProvider;

beforeAll(async () => {
  provider = await startStandInProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  await Promise.all([provider.heal(), provider.forgetCalls()]);
});

const SECRET = 'sk-contract-4f1d9c';
/** What every adapter must do against the stand-in, which speaks each provider's own HTTP. */
const KINDS = ['openai', 'vllm', 'anthropic'] as const;

describe.each(KINDS)('the adapter of %s', (kind) => {
  describeAdapter(kind);
});

function adapterOf(kind: ProviderSpec['kind'], url?: string): ProviderAdapter {
  const base = url ?? (kind === 'anthropic' ? provider.origin : provider.url);
  const spec = { id: kind, kind, baseUrls: [base], apiKey: SECRET, enabled: true };
  const adapter = createAdapters({ providers: [spec], models: [], aliases: [] }).get(kind);
  if (!adapter) throw new Error(`no adapter of ${kind}`);
  return adapter;
}

const call = (content: string, more: Partial<ProviderCall> = {}): ProviderCall => ({
  model: 'stand-in-small',
  messages: [{ role: 'user', content }],
  parameters: {},
  ...more,
});

const options = (more: Partial<CallOptions> = {}): CallOptions => ({
  signal: new AbortController().signal,
  timeoutMs: 30_000,
  idempotencyKey: 'key-1',
  requestId: 'request-1',
  ...more,
});

const TOOLS = [
  {
    type: 'function',
    function: {
      name: 'add',
      description: 'Adds.',
      parameters: { type: 'object', properties: { a: { type: 'number' } } },
    },
  },
];

async function read(chunks: AsyncIterable<ChatChunk>): Promise<readonly ChatChunk[]> {
  const all: ChatChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

const textOf = (chunks: readonly ChatChunk[]): string =>
  chunks.map(({ choices }) => (choices[0]?.delta['content'] as string | undefined) ?? '').join('');

/** Waits until no call is open, for the server may notice a moment later that its caller has left. */
async function settled(count: number) {
  for (;;) {
    const report = await provider.calls();
    if (report.total >= count && report.open === 0) return report;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function describeAdapter(kind: ProviderSpec['kind']): void {
  describeAnswers(kind);
  describeFaults(kind);
  describeEnds(kind);
  describeHealth(kind);
}

function describeAnswers(kind: ProviderSpec['kind']): void {
  it('sends, and gives the answer and what it took', async () => {
    const { response, usage } = await adapterOf(kind).send(call('say Hello, wörld.'), options());
    expect(response).toMatchObject({
      object: 'chat.completion',
      model: 'stand-in-small',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello, wörld.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 },
    });
    expect(usage).toEqual({ inputTokens: 5, outputTokens: 4 });
  });

  it('streams the same answer, and ends with what it took', async () => {
    const chunks = await read(await adapterOf(kind).stream(call('say one two  three'), options()));
    expect(chunks.every(({ object, id }) => object === 'chat.completion.chunk' && id !== '')).toBe(true);
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant' });
    expect(textOf(chunks)).toBe('one two  three');
    const reasons = chunks.flatMap(({ choices }) => choices.map(({ finish_reason }) => finish_reason)).filter(Boolean);
    expect(reasons).toEqual(['stop']);
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 });
  });

  it('puts characters together whose bytes came apart', async () => {
    await provider.fail({ kind: 'split' });
    const text = 'grüße 🚀 漢字 … ende';
    expect(textOf(await read(await adapterOf(kind).stream(call(`say ${text}`), options())))).toBe(text);
  });

  it('ends at the limit of tokens', async () => {
    const { response } = await adapterOf(kind).send(call('say 123456789', { maxTokens: 2 }), options());
    expect(response.choices[0]).toMatchObject({ message: { content: '12345678' }, finish_reason: 'length' });
    const parameters = { max_tokens: 50 };
    const other = await adapterOf(kind).send(call('say 123456789', { parameters, maxTokens: 1 }), options());
    expect(other.response.choices[0]?.message.content).toBe('1234');
  });

  it('calls tools, and takes what they said', async () => {
    const adapter = adapterOf(kind);
    const asked = call('use add {"a":1} & add {"a":2}', { parameters: { tools: TOOLS, tool_choice: 'auto' } });
    const { response } = await adapter.send(asked, options());
    const calls = [
      { id: 'call-0-0', type: 'function', function: { name: 'add', arguments: '{"a":1}' } },
      { id: 'call-0-1', type: 'function', function: { name: 'add', arguments: '{"a":2}' } },
    ] as const;
    expect(response.choices[0]).toMatchObject({
      message: { role: 'assistant', content: null, tool_calls: calls },
      finish_reason: 'tool_calls',
    });
    const results = calls.map(({ id }, index) => ({
      role: 'tool' as const,
      content: `sum ${index}`,
      tool_call_id: id,
    }));
    const messages = [...asked.messages, { role: 'assistant' as const, content: null, tool_calls: calls }, ...results];
    const next = await adapter.send({ ...asked, messages }, options());
    expect(next.response.choices[0]?.message.content).toBe('Done: sum 0 | sum 1');
    expect((await provider.calls()).calls.map(({ tools }) => tools)).toEqual([['add'], ['add']]);
  });

  it('streams calls of tools in pieces that make them whole', async () => {
    const asked = call('use add {"a":1} & nothing', { parameters: { tools: TOOLS } });
    const chunks = await read(await adapterOf(kind).stream(asked, options()));
    const made: { id?: string; name: string; arguments: string }[] = [];
    for (const { choices } of chunks) {
      for (const piece of (choices[0]?.delta['tool_calls'] ?? []) as Piece[]) {
        const into = (made[piece.index] ??= { name: '', arguments: '' });
        if (piece.id) into.id = piece.id;
        into.name += piece.function.name ?? '';
        into.arguments += piece.function.arguments ?? '';
      }
    }
    expect(made).toEqual([
      { id: 'call-0-0', name: 'add', arguments: '{"a":1}' },
      { id: 'call-0-1', name: 'nothing', arguments: '{}' },
    ]);
    expect(chunks.flatMap(({ choices }) => choices).at(-1)?.finish_reason).toBe('tool_calls');
  });

  it('tells the provider the key of the call and the id of the request, and asks once', async () => {
    await adapterOf(kind).send(call('x'), options());
    await read(await adapterOf(kind).stream(call('x'), options({ idempotencyKey: 'key-2', requestId: 'request-2' })));
    const { calls } = await provider.calls();
    expect(calls.map(({ idempotencyKey, requestId }) => `${idempotencyKey} ${requestId}`)).toEqual([
      'key-1 request-1',
      'key-2 request-2',
    ]);
  });

  it('sends system messages, and no message or model of the parameters', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'x' },
    ] as const;
    const parameters = { model: 'other', messages: [], stream: true, user: 'ada' };
    await adapterOf(kind).send(call('', { messages, parameters }), options());
    const [seen] = (await provider.calls()).calls;
    expect(seen).toMatchObject({ model: 'stand-in-small', messages: 2, stream: false });
    expect(JSON.stringify(seen?.body)).toContain('"ada"');
  });
}

interface Piece {
  readonly index: number;
  readonly id?: string;
  readonly function: { readonly name?: string; readonly arguments?: string };
}

function describeFaults(kind: ProviderSpec['kind']): void {
  const faults: readonly (readonly [string, FaultInput, object])[] = [
    ['429', { kind: 'status', status: 429, retryAfter: '7' }, { errorClass: 'rate_limited', retryAfterMs: 7000 }],
    [
      '429 in ms',
      { kind: 'status', status: 429, retryAfterMs: 250 },
      { errorClass: 'rate_limited', retryAfterMs: 250 },
    ],
    ['529', { kind: 'status', status: 529 }, { errorClass: 'rate_limited', status: 529 }],
    ['500', { kind: 'status', status: 500 }, { errorClass: 'transient', status: 500 }],
    ['502', { kind: 'status', status: 502 }, { errorClass: 'transient', status: 502 }],
    ['503', { kind: 'status', status: 503, retryAfter: '1' }, { errorClass: 'transient', retryAfterMs: 1000 }],
    ['400', { kind: 'status', status: 400 }, { errorClass: 'fatal', status: 400 }],
    ['401', { kind: 'status', status: 401, message: `bad key ${SECRET}` }, { errorClass: 'fatal', status: 401 }],
    ['404', { kind: 'status', status: 404 }, { errorClass: 'fatal', status: 404 }],
    ['overflow', { kind: 'overflow' }, { errorClass: 'context_overflow', status: 400 }],
    ['quota', { kind: 'quota' }, { errorClass: 'budget_exceeded', status: 400 }],
    ['cut', { kind: 'cut' }, { errorClass: 'transient', status: undefined }],
    ['a page of HTML', { kind: 'nonsense', body: 'html' }, { errorClass: 'transient' }],
    ['half of its JSON', { kind: 'nonsense', body: 'truncated' }, { errorClass: 'transient' }],
    ['other JSON', { kind: 'nonsense', body: 'other' }, { errorClass: 'transient' }],
    ['nothing', { kind: 'nonsense', body: 'empty' }, { errorClass: 'transient' }],
  ];

  it.each(faults)('classifies %s, of an answer and of a stream, after one call', async (_name, fault, expected) => {
    const written = jest.spyOn(console, 'error');
    for (const ask of [send, readStream]) {
      await provider.forgetCalls();
      await provider.fail(fault);
      const error = await ask(kind, 'PROMPT-7').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'ProviderError', ...expected });
      const shown = `${(error as Error).message} ${JSON.stringify(error)}`;
      expect([shown.includes(SECRET), shown.includes('PROMPT-7'), shown.length < 400]).toEqual([false, false, true]);
      expect((error as Error).cause).toBeUndefined();
      expect((await provider.calls()).total).toBe(1);
    }
    // The clients would write what they cannot read there, and that is the answer.
    expect(written).not.toHaveBeenCalled();
    written.mockRestore();
  });

  it('takes Retry-After as a date', async () => {
    await provider.fail({ kind: 'status', status: 429, retryAfter: new Date(Date.now() + 60_000).toUTCString() });
    const error = (await send(kind, 'x').catch((thrown: unknown) => thrown)) as { retryAfterMs: number };
    expect(error.retryAfterMs).toBeGreaterThan(30_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it('gives the chunks that came before a cut or an error, and then throws', async () => {
    for (const [fault, errorClass] of [
      [{ kind: 'cut', afterChunks: 5 }, 'transient'],
      [{ kind: 'error_event', afterChunks: 5, status: 429 }, 'rate_limited'],
      [{ kind: 'error_event', afterChunks: 5, status: 500 }, 'transient'],
    ] as const) {
      await provider.fail(fault);
      const got: ChatChunk[] = [];
      const reading = (async () => {
        for await (const chunk of await adapterOf(kind).stream(call('say a b c d e f g'), options())) got.push(chunk);
      })();
      await expect(reading).rejects.toMatchObject({ name: 'ProviderError', errorClass });
      expect(textOf(got)).toMatch(/^a b/);
    }
  });

  it('is transient when nobody listens', async () => {
    const adapter = adapterOf(kind, 'http://127.0.0.1:65535');
    const expected = { errorClass: 'transient', message: expect.stringContaining('ECONNREFUSED') as string };
    await expect(adapter.send(call('x'), options())).rejects.toMatchObject(expected);
    await expect(adapter.stream(call('x'), options())).rejects.toMatchObject(expected);
  });
}

const send = (kind: ProviderSpec['kind'], text: string) => adapterOf(kind).send(call(text), options());
const readStream = async (kind: ProviderSpec['kind'], text: string) =>
  read(await adapterOf(kind).stream(call(text), options()));

function describeEnds(kind: ProviderSpec['kind']): void {
  it('throws the reason of its caller, and the provider notices', async () => {
    await provider.fail({ kind: 'silent', times: 2 });
    for (const ask of ['send', 'stream'] as const) {
      await provider.forgetCalls();
      const leaving = new AbortController();
      const asked = adapterOf(kind)[ask](call('x'), options({ signal: leaving.signal }));
      asked.catch(() => undefined);
      while ((await provider.calls()).open === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      leaving.abort(new Error('the user left'));
      await expect(asked).rejects.toThrow('the user left');
      expect(await settled(1)).toMatchObject({ total: 1, aborted: 1 });
    }
    const gone = options({ signal: AbortSignal.abort(new Error('gone')) });
    await expect(adapterOf(kind).send(call('x'), gone)).rejects.toThrow('gone');
    expect((await provider.calls()).total).toBe(1);
  });

  it('ends a stream whose reader leaves, with its signal or without', async () => {
    await provider.fail({ kind: 'slow', chunkMs: 20, times: 'always' });
    const leaving = new AbortController();
    const long = call(`say ${'word '.repeat(500)}`);
    const chunks = await adapterOf(kind).stream(long, options({ signal: leaving.signal }));
    const reading = read(chunks);
    leaving.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    for await (const chunk of await adapterOf(kind).stream(long, options())) if (chunk.id) break;
    const unread = await adapterOf(kind).stream(long, options());
    await unread[Symbol.asyncIterator]().return?.();
    expect(await settled(3)).toMatchObject({ total: 3, aborted: 3 });
  });

  it('waits no longer than its time for an answer, a first chunk and a next one', async () => {
    const late = { errorClass: 'transient', message: 'no answer within 400 ms' };
    await provider.fail({ kind: 'silent', times: 2 });
    await expect(adapterOf(kind).send(call('x'), options({ timeoutMs: 400 }))).rejects.toMatchObject(late);
    await expect(adapterOf(kind).stream(call('x'), options({ timeoutMs: 400 }))).rejects.toMatchObject(late);
    await provider.fail({ kind: 'silent', afterChunks: 4 });
    const chunks = await adapterOf(kind).stream(call('say a b c d'), options({ timeoutMs: 400 }));
    await expect(read(chunks)).rejects.toMatchObject(late);
    expect(await settled(3)).toMatchObject({ total: 3, aborted: 3 });
  });

  it('does not count the time that its reader takes', async () => {
    const chunks = await adapterOf(kind).stream(call('say a b c'), options({ timeoutMs: 2000 }));
    const texts: ChatChunk[] = [];
    for await (const chunk of chunks) {
      texts.push(chunk);
      if (texts.length === 2) await new Promise((resolve) => setTimeout(resolve, 2500));
    }
    expect(textOf(texts)).toBe('a b c');
  });
}

function describeHealth(kind: ProviderSpec['kind']): void {
  const probe = (timeoutMs = 10_000) => adapterOf(kind).probe({ signal: new AbortController().signal, timeoutMs });

  it('is healthy when it answers, also that a key is missing or the method another', async () => {
    expect(await probe()).toBe(true);
    for (const [status, healthy] of [
      [401, true],
      [405, true],
      [403, false],
      [404, false],
      [500, false],
      [503, false],
    ] as const) {
      await provider.fail({ kind: 'status', status, path: '/v1/models' });
      expect([status, await probe()]).toEqual([status, healthy]);
    }
    expect((await provider.calls()).total).toBe(0);
  });

  it('is not when it is silent or away', async () => {
    await provider.fail({ kind: 'silent', path: '/v1/models' });
    expect(await probe(300)).toBe(false);
    const away = adapterOf(kind, 'http://127.0.0.1:65535');
    expect(await away.probe({ signal: new AbortController().signal, timeoutMs: 5000 })).toBe(false);
  });
}

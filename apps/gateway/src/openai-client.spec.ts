import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startStandInProvider, type StandInProvider } from '@fleet/stand-in-provider';
import OpenAI, {
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
  UnprocessableEntityError,
} from 'openai';
import { createTestGateway, type TestGateway } from './testing/gateway';
import { modelsAt } from './testing/models';
import { until } from './testing/until';

const TOKEN = 'correct-horse-battery-staple';
const HELLO = [{ role: 'user' as const, content: 'Hello there.' }];
const ASKED = { model: 'small', messages: HELLO };

let provider: StandInProvider;
let gateway: TestGateway;
let client: OpenAI;

beforeAll(async () => {
  provider = await startStandInProvider();
  const variants = ['small', 'meta/large'].map((model_id) => ({ model_id, weight: 1 }));
  const env = modelsAt(provider.url, [{ id: 'small' }, { id: 'meta/large' }], [{ name: 'either', variants }]);
  gateway = await createTestGateway({ env, temporalEnabled: false, config: { token: TOKEN } });
  client = new OpenAI({ baseURL: `${await gateway.listen()}/v1`, apiKey: TOKEN, maxRetries: 0 });
});

afterEach(() => Promise.all([provider.heal(), provider.forgetCalls()]));
afterAll(async () => {
  await gateway.close();
  await provider.close();
});

async function errorOf(promise: PromiseLike<unknown>): Promise<APIError> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof APIError) return thrown;
  throw new Error(`not an API error: ${String(thrown)}`);
}

async function textOf(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

/** The client in a process of its own: it does not know the AbortError of jest's realm. */
async function timedOut(ms: number): Promise<string> {
  const options = JSON.stringify({ baseURL: client.baseURL, apiKey: TOKEN, maxRetries: 0, timeout: ms });
  const script = `new (require('openai').default)(${options}).chat.completions.create(${JSON.stringify(ASKED)})
    .then(() => 'answered', (error) => error.constructor.name).then((name) => process.stdout.write(name))`;
  return (await promisify(execFile)(process.execPath, ['-e', script], { cwd: __dirname })).stdout;
}

describe('what works', () => {
  it('a completion, and who made it', async () => {
    const { data, response } = await client.chat.completions
      .create({ ...ASKED, temperature: 0.5, user: 'u-1' })
      .withResponse();
    expect(data.object).toBe('chat.completion');
    expect(data.choices[0]?.message.content).toMatch(/^Stand-in answer .* of small to 1 message\(s\): Hello there\.$/);
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(response.headers.get('x-negotiated-model')).toBe('small');
    expect(response.headers.get('x-fleet-request-id')).toMatch(/^chat_[0-9a-f]{32}$/);
    const { calls } = await provider.calls();
    expect(calls.map(({ body }) => body)).toEqual([{ ...ASKED, temperature: 0.5, user: 'u-1', stream: false }]);
  });

  it('parts of text, joined; an alias, named; the choice left to the router', async () => {
    const content = ['Hello', 'there.'].map((text) => ({ type: 'text' as const, text }));
    const { response } = await client.chat.completions
      .create({ model: 'either', messages: [{ role: 'user', content }] })
      .withResponse();
    expect(response.headers.get('x-alias-from')).toBe('either');
    expect(['small', 'meta/large']).toContain(response.headers.get('x-negotiated-model'));
    await client.chat.completions.create({ ...ASKED, model: 'auto' });
    const { calls } = await provider.calls();
    expect(calls[0]?.body).toMatchObject({ messages: [{ role: 'user', content: 'Hello\nthere.' }] });
  });

  it('a stream; with the usage for those who ask', async () => {
    const stream = await client.chat.completions.create({ ...ASKED, stream: true });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toMatch(/Hello there\.$/);
    expect(chunks.every(({ choices, usage }) => choices.length === 1 && usage === undefined)).toBe(true);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    const told = await client.chat.completions.create({
      ...ASKED,
      stream: true,
      stream_options: { include_usage: true },
    });
    let usage: OpenAI.CompletionUsage | undefined;
    for await (const chunk of told) usage = chunk.usage ?? usage;
    expect(usage?.total_tokens).toBeGreaterThan(0);
  });

  it('the models', async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual(['small', 'meta/large', 'either', 'auto']);
    expect(await client.models.retrieve('meta/large')).toMatchObject({ id: 'meta/large', owned_by: 'stand-in' });
  });
});

function expectIds(error: APIError): void {
  expect(error.requestID).toMatch(/\S{8,}/);
}

describe('typed errors, each with a request id', () => {
  it('400 with every failing field', async () => {
    const image = { type: 'image_url' as const, image_url: { url: 'https://example.com/x.png' } };
    const body = { model: 'small', temperature: 9, messages: [{ role: 'user' as const, content: [image] }] };
    const error = await errorOf(client.chat.completions.create(body));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ status: 400, code: 'invalid_input', type: 'invalid_request_error' });
    const { errors } = error.error as { errors: { field: string }[] };
    expect(errors.map(({ field }) => field).toSorted()).toEqual([
      'messages[0].content[0].text',
      'messages[0].content[0].type',
      'temperature',
    ]);
    expect(error.param).toBe(errors[0]?.field);
    expect(error.message).toContain('temperature');
    expectIds(error);
    expect((await provider.calls()).total).toBe(0);
  });

  it('401, 404 and 422', async () => {
    const stranger = new OpenAI({ baseURL: client.baseURL, apiKey: 'somebody-elses-key', maxRetries: 0 });
    const unauthorized = await errorOf(stranger.models.list());
    expect(unauthorized).toBeInstanceOf(AuthenticationError);
    expect(unauthorized).toMatchObject({ code: 'unauthorized', type: 'authentication_error' });
    const unknown = await errorOf(client.chat.completions.create({ ...ASKED, model: 'nothing' }));
    expect(unknown).toBeInstanceOf(NotFoundError);
    expect(unknown).toMatchObject({ code: 'unknown_model' });
    expect(await errorOf(client.models.retrieve('nothing'))).toBeInstanceOf(NotFoundError);
    const unknownStream = await errorOf(client.chat.completions.create({ ...ASKED, model: 'nothing', stream: true }));
    expect(unknownStream).toMatchObject({ status: 404, code: 'unknown_model' });
    await provider.fail({ kind: 'status', status: 422, times: 'always' });
    const refused = await errorOf(client.chat.completions.create(ASKED));
    expect(refused).toBeInstanceOf(UnprocessableEntityError);
    expect(refused).toMatchObject({ code: 'provider_rejected' });
    for (const error of [unauthorized, unknown, unknownStream, refused]) expectIds(error);
  });

  it('429 when every provider is busy, and for a stream, too', async () => {
    await provider.fail({ kind: 'status', status: 429, retryAfter: '60', times: 'always' });
    const impatient = { ...ASKED, policy: { max_latency_ms: 2000 } };
    for (const stream of [false, true]) {
      const error = await errorOf(client.chat.completions.create({ ...impatient, stream }));
      expect(error).toBeInstanceOf(RateLimitError);
      expect(error).toMatchObject({ code: 'provider_rate_limited', type: 'rate_limit_error' });
      expect(error.headers?.get('retry-after')).toBe('5');
      expectIds(error);
    }
  });

  it('5xx when every provider fails', async () => {
    await provider.fail({ kind: 'status', status: 500, times: 'always' });
    for (const stream of [false, true]) {
      const error = await errorOf(client.chat.completions.create({ ...ASKED, stream }));
      expect(error).toBeInstanceOf(InternalServerError);
      expect(error).toMatchObject({ status: 502, code: 'provider_failed', type: 'server_error' });
      expectIds(error);
    }
  });

  it('a stream that is cut is no answer', async () => {
    await provider.fail({ kind: 'cut', afterChunks: 3 });
    const stream = await client.chat.completions.create({ ...ASKED, stream: true });
    const error = await errorOf(textOf(stream));
    expect(error).toMatchObject({ code: 'provider_failed', type: 'server_error' });
    expectIds(error);
  });
});

describe('a reader who leaves', () => {
  it('aborts a stream, and with it the provider', async () => {
    await provider.fail({ kind: 'slow', chunkMs: 200 });
    const stream = await client.chat.completions.create({ ...ASKED, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await until(async () => (await provider.calls()).aborted === 1);
  });

  it('ends its own wait alone: by abort or time-out; the answer is logged', async () => {
    await provider.fail({ kind: 'slow', delayMs: 1000, times: 2 });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 300);
    const aborted = await errorOf(client.chat.completions.create(ASKED, { signal: abort.signal }));
    expect(aborted).toBeInstanceOf(APIUserAbortError);
    expect(await timedOut(300)).toBe('APIConnectionTimeoutError');
    await until(async () => {
      const { calls, total } = await provider.calls();
      return total === 2 && calls.every(({ status, aborted: cut }) => status === 200 && !cut);
    });
    await until(async () => (await gateway.store.chatLog.list({}, 2)).every(({ success }) => success));
    expect((await provider.calls()).total).toBe(2);
  });
});

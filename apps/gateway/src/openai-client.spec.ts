import { startStandInProvider, type StandInProvider } from '@fleet/stand-in-provider';
import OpenAI, { APIError, NotFoundError } from 'openai';
import { createTestGateway, type TestGateway } from './testing/gateway';
import { modelsAt } from './testing/models';

const TOKEN = 'correct-horse-battery-staple';
const HELLO = [{ role: 'user' as const, content: 'Hello there.' }];

let provider: StandInProvider;
let gateway: TestGateway;
let client: OpenAI;

beforeAll(async () => {
  provider = await startStandInProvider();
  const env = modelsAt(
    provider.url,
    [{ id: 'small' }, { id: 'meta/large' }],
    [
      {
        name: 'either',
        variants: [
          { model_id: 'small', weight: 1 },
          { model_id: 'meta/large', weight: 1 },
        ],
      },
    ],
  );
  gateway = await createTestGateway({ env, temporalEnabled: false, config: { token: TOKEN } });
  client = new OpenAI({ baseURL: `${await gateway.listen()}/v1`, apiKey: TOKEN, maxRetries: 0 });
});

afterEach(() => Promise.all([provider.heal(), provider.forgetCalls()]));
afterAll(async () => {
  await gateway.close();
  await provider.close();
});

async function errorOf(promise: Promise<unknown>): Promise<APIError> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof APIError) return thrown;
  throw new Error(`not an API error: ${String(thrown)}`);
}

describe("OpenAI's client, as it is", () => {
  it('gets a completion, and who made it', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'small', messages: HELLO, temperature: 0.5, user: 'u-1' })
      .withResponse();
    expect(data.object).toBe('chat.completion');
    expect(data.choices[0]?.message.content).toMatch(/^Stand-in answer .* of small to 1 message\(s\): Hello there\.$/);
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(response.headers.get('x-negotiated-model')).toBe('small');
    expect(response.headers.get('x-fleet-request-id')).toMatch(/^chat_[0-9a-f]{32}$/);
    const { calls } = await provider.calls();
    expect(calls.map(({ body }) => body)).toEqual([
      { model: 'small', messages: HELLO, temperature: 0.5, user: 'u-1', stream: false },
    ]);
  });

  it('gets a stream', async () => {
    const stream = await client.chat.completions.create({ model: 'small', messages: HELLO, stream: true });
    let text = '';
    const finished: (string | null)[] = [];
    for await (const chunk of stream) {
      expect(chunk.choices).toHaveLength(1);
      expect(chunk.usage ?? undefined).toBeUndefined();
      text += chunk.choices[0]?.delta.content ?? '';
      finished.push(chunk.choices[0]?.finish_reason ?? null);
    }
    expect(text).toMatch(/Hello there\.$/);
    expect(finished.at(-1)).toBe('stop');
  });

  it('lists the models', async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual(['small', 'meta/large', 'either', 'auto']);
    expect(await client.models.retrieve('meta/large')).toMatchObject({ id: 'meta/large', owned_by: 'stand-in' });
    expect(await errorOf(client.models.retrieve('none'))).toBeInstanceOf(NotFoundError);
  });
});

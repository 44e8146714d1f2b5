import { setTimeout as delay } from 'node:timers/promises';
import { startStandInProvider, type StandInProvider } from '@fleet/stand-in-provider';
import type { ChatAttempt } from '@fleet/workflow-registry/messages';
import { createAdapters } from './adapters';
import { createRouter } from './create-router';
import type { RoutedStream } from './router';
import { attemptOf, CATALOG } from './test-circumstances';
import { recordingState } from './test-state';

let provider: StandInProvider;

beforeAll(async () => {
  provider = await startStandInProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  await Promise.all([provider.heal(), provider.forgetCalls()]);
});

const signal = new AbortController().signal;
const asked = { messages: [{ role: 'user' as const, content: 'say One two three four five six seven.' }] };

function streamed(changes: Partial<ChatAttempt> = {}, own: AbortSignal = signal) {
  const catalog = { ...CATALOG, providers: CATALOG.providers.map((one) => ({ ...one, baseUrls: [provider.url] })) };
  const state = recordingState();
  const router = createRouter({ catalog, adapters: createAdapters(catalog), state, temperature: 0 });
  const attempt = attemptOf({ request: asked, policy: { mode: 'cheap' }, ...changes });
  return { state, result: router.stream(attempt, { signal: own }) };
}

async function opened(one: ReturnType<typeof streamed>): Promise<RoutedStream> {
  const result = await one.result;
  if (!result.ok) throw new Error(`no stream: ${result.message}`);
  return result.stream;
}

async function textOf({ chunks }: RoutedStream): Promise<string> {
  let text = '';
  for await (const { choices } of chunks) text += (choices[0]?.delta['content'] as string | undefined) ?? '';
  return text;
}

const modelsAsked = async (): Promise<string[]> => (await provider.calls()).calls.map(({ model }) => model);

describe('a stream', () => {
  it('comes from the model that was chosen, with what it took', async () => {
    const one = streamed();
    const stream = await opened(one);
    expect(await textOf(stream)).toBe('One two three four five six seven.');
    expect(stream.decision).toMatchObject({ modelId: 'north-small', reason: 'routed-cheap' });
    expect(stream.usage()).toEqual({ inputTokens: 10, outputTokens: 9 });
    expect(stream.costUsd()).toBeCloseTo(10e-6 + 18e-6, 12);
    expect(one.state.reports).toEqual(['north-small succeeded']);
  });

  it('falls back before the first chunk', async () => {
    await provider.fail({ kind: 'status', status: 429, retryAfter: '60', model: 'north-small' });
    await provider.fail({ kind: 'status', status: 400, model: 'south-middle' });
    const stream = await opened(streamed());
    expect(stream.decision).toMatchObject({ modelId: 'north-large', reason: 'last-resort' });
    expect(await modelsAsked()).toEqual(['north-small', 'south-middle', 'north-large']);
  });

  it('does not fall back after it: a cut is told, and is the provider’s fault', async () => {
    await provider.fail({ kind: 'cut', afterChunks: 2 });
    const one = streamed();
    const stream = await opened(one);
    await expect(textOf(stream)).rejects.toMatchObject({ name: 'ProviderError', errorClass: 'transient' });
    expect(one.state.reports).toEqual(['north-small succeeded', 'north-small failed']);
    expect(await modelsAsked()).toEqual(['north-small']);
    expect(stream.usage().inputTokens).toBe(10);
    expect(stream.usage().outputTokens).toBeGreaterThan(0);
  });

  it('that no model begins is told with the last failure', async () => {
    await provider.fail({ kind: 'status', status: 400, times: 'always' });
    expect(await streamed().result).toMatchObject({
      ok: false,
      errorClass: 'fatal',
      status: 400,
      decision: { modelId: 'north-large' },
    });
    expect(await streamed({ policy: { minWeight: 10 } }).result).toMatchObject({
      ok: false,
      errorClass: 'no_model',
      skips: { weight_below_minimum: 3 },
    });
  });

  it('whose reader leaves is ended at the provider', async () => {
    await provider.fail({ kind: 'slow', chunkMs: 100 });
    const one = streamed();
    for await (const chunk of (await opened(one)).chunks) if (chunk) break;
    while ((await provider.calls()).aborted === 0) await delay(10);
    expect(one.state.reports).toEqual(['north-small succeeded']);
  });

  it('ends with the reason of the caller', async () => {
    await provider.fail({ kind: 'silent', afterChunks: 2 });
    const controller = new AbortController();
    const one = streamed({}, controller.signal);
    const read = textOf(await opened(one));
    controller.abort(new Error('the client left'));
    await expect(read).rejects.toThrow('the client left');
    expect(one.state.reports).toEqual(['north-small succeeded']);
  });

  it('ends at the deadline when the policy says how long it may take', async () => {
    await provider.fail({ kind: 'slow', chunkMs: 400 });
    const late = { deadline: Date.now() + 700, policy: { mode: 'cheap', maxLatencyMs: 700 } } as const;
    const one = streamed(late);
    await expect(textOf(await opened(one))).rejects.toMatchObject({ message: 'the request has no time left' });
    expect(one.state.reports).toEqual(['north-small succeeded']);
  });

  it('goes on after the default deadline', async () => {
    await provider.fail({ kind: 'slow', chunkMs: 200 });
    const stream = await opened(streamed({ deadline: Date.now() + 800 }));
    expect(await textOf(stream)).toBe('One two three four five six seven.');
  });
});

import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { startStandInProvider, type StandInProvider } from '@fleet/stand-in-provider';
import type { ProviderSpec } from '../catalog';
import type { ProviderAdapter } from '../provider';
import { createAdapters } from '.';

let provider: StandInProvider;

beforeAll(async () => {
  provider = await startStandInProvider();
});
afterAll(() => provider.close());

const CLOSED = 'http://127.0.0.1:65535/v1';
const call = { model: 'm', messages: [{ role: 'user', content: 'x' }], parameters: {} } as const;
const options = () => ({
  signal: new AbortController().signal,
  timeoutMs: 20_000,
  idempotencyKey: 'k',
  requestId: 'r',
});

function adapterOf(spec: Pick<ProviderSpec, 'kind' | 'baseUrls'> & Partial<ProviderSpec>): ProviderAdapter {
  const providers = [{ id: 'one', enabled: true, ...spec }];
  const adapter = createAdapters({ providers, models: [], aliases: [] }).get('one');
  if (!adapter) throw new Error('no adapter');
  return adapter;
}

it('has none for a provider that is not enabled', () => {
  const specs = (['openai', 'anthropic'] as const).map((kind) => ({
    id: kind,
    kind,
    baseUrls: [],
    enabled: kind === 'openai',
  }));
  expect([...createAdapters({ providers: specs, models: [], aliases: [] }).keys()]).toEqual(['openai']);
});

it('takes turns over the servers of vLLM, and is healthy while one of them is', async () => {
  const adapter = adapterOf({ kind: 'vllm', baseUrls: [provider.url, CLOSED] });
  const answered: boolean[] = [];
  while (answered.length < 4) {
    answered.push(
      await adapter.send(call, options()).then(
        () => true,
        () => false,
      ),
    );
  }
  expect(answered).toEqual([true, false, true, false]);
  expect(await adapter.probe(options())).toBe(true);
  expect(await adapterOf({ kind: 'vllm', baseUrls: [CLOSED, CLOSED] }).probe(options())).toBe(false);
  expect(() => adapterOf({ kind: 'vllm', baseUrls: [] })).toThrow(expect.objectContaining({ code: 'invalid_input' }));
});

it.each(['openai', 'anthropic'] as const)('%s: loads no client before the first call', async (kind) => {
  const loaded: string[] = [];
  for (const name of ['openai', '@anthropic-ai/sdk']) {
    jest.doMock(name, () => {
      loaded.push(name);
      return jest.requireActual<object>(name);
    });
  }
  await jest.isolateModulesAsync(async () => {
    const adapters = jest.requireActual<typeof import('.')>('./index');
    const specs = [{ id: 'one', kind, baseUrls: [CLOSED], enabled: true }];
    const adapter = adapters.createAdapters({ providers: specs, models: [], aliases: [] }).get('one');
    expect(loaded).toEqual([]);
    await adapter?.probe(options());
    expect(loaded).toEqual([kind === 'openai' ? 'openai' : '@anthropic-ai/sdk']);
  });
});

describe.each(['openai', 'vllm', 'anthropic'] as const)('%s', (kind) => {
  const baseUrl = (origin: string) => (kind === 'anthropic' ? origin : `${origin}/v1`);

  it('follows no redirect, and sends the key only where it was told to', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const elsewhere = createServer((request, response) => {
      seen.push(request.headers);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    const first = createServer((_request, response) => response.writeHead(307, { location }).end()).listen(
      0,
      '127.0.0.1',
    );
    await once(first, 'listening');
    const origin = `http://127.0.0.1:${(first.address() as AddressInfo).port}`;
    const adapter = adapterOf({ kind, baseUrls: [baseUrl(origin)], apiKey: 'secret' });
    await expect(adapter.send(call, options())).rejects.toMatchObject({ errorClass: 'fatal', status: 307 });
    expect(seen).toEqual([]);
    for (const server of [first, elsewhere]) {
      server.close();
      server.closeAllConnections();
    }
  });

  it('sends a key where there is one, and none of the environment', async () => {
    const before = { ...process.env };
    Object.assign(process.env, { OPENAI_API_KEY: 'env', OPENAI_BASE_URL: CLOSED, ANTHROPIC_API_KEY: 'env' });
    try {
      await provider.forgetCalls();
      await adapterOf({ kind, baseUrls: [baseUrl(provider.origin)] }).send(call, options());
      await adapterOf({ kind, baseUrls: [baseUrl(provider.origin)], apiKey: 'own' }).send(call, options());
      expect((await provider.calls()).calls.map(({ authorized }) => authorized)).toEqual([false, true]);
    } finally {
      process.env = before;
    }
  });
});

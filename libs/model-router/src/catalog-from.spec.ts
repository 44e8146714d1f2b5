import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FleetError, isFleetError } from '@fleet/errors';
import { catalogFrom } from './catalog-from';
import { parseCatalog } from './parse-catalog';

const file = {
  providers: [
    { id: 'ours', kind: 'vllm', base_urls: ['http://10.0.0.1:8000/v1/', 'http://10.0.0.2:8000/v1'] },
    { id: 'theirs', kind: 'openai', api_key_env: 'THEIR_KEY' },
    { id: 'off', kind: 'anthropic', api_key_env: 'NOT_SET', enabled: false },
  ],
  models: [
    { id: 'a', provider_id: 'ours', weight: 5, context_tokens: 8000, input_per_1k: 0, output_per_1k: 0 },
    {
      id: 'b',
      provider_id: 'theirs',
      weight: 9.5,
      context_tokens: 1000,
      input_per_1k: 0.01,
      output_per_1k: 0.02,
      enabled: false,
    },
  ],
  aliases: [
    {
      name: 'blind',
      variants: [
        { model_id: 'a', weight: 1 },
        { model_id: 'b', weight: 2 },
      ],
      sticky_by: 'round_robin',
    },
  ],
};
const parse = (value: unknown, env: Record<string, string> = { THEIR_KEY: 'secret' }) =>
  parseCatalog(typeof value === 'string' ? value : JSON.stringify(value), 'models.json', env);

function refusal(action: () => unknown): FleetError {
  try {
    action();
  } catch (error) {
    if (isFleetError(error)) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

const ids = (env: Record<string, string>) => {
  const { providers, models } = catalogFrom(env);
  return [providers.map(({ id }) => id), models.map(({ id, providerId }) => `${providerId}/${id}`)];
};

describe('a catalog', () => {
  it('is read with its defaults and keys', () => {
    expect(parse(file)).toEqual({
      providers: [
        { id: 'ours', kind: 'vllm', baseUrls: ['http://10.0.0.1:8000/v1', 'http://10.0.0.2:8000/v1'], enabled: true },
        { id: 'theirs', kind: 'openai', baseUrls: [], enabled: true, apiKey: 'secret' },
        { id: 'off', kind: 'anthropic', baseUrls: [], enabled: false },
      ],
      models: [
        { id: 'a', providerId: 'ours', weight: 5, contextTokens: 8000, inputPer1k: 0, outputPer1k: 0, enabled: true },
        {
          id: 'b',
          providerId: 'theirs',
          weight: 9.5,
          contextTokens: 1000,
          inputPer1k: 0.01,
          outputPer1k: 0.02,
          enabled: false,
        },
      ],
      aliases: [
        {
          name: 'blind',
          variants: [
            { modelId: 'a', weight: 1 },
            { modelId: 'b', weight: 2 },
          ],
          stickyBy: 'round_robin',
        },
      ],
    });
  });

  it('every field of a wrong shape is named', () => {
    const wrong = {
      providers: [{ id: '', kind: 'gemini', url: 'x' }],
      models: [{ ...file.models[0], weight: 11, context_tokens: 1.5, input_per_1k: -1 }],
      aliases: [{ name: 'x', variants: [{ model_id: 'a', weight: 0.5 }], sticky_by: 'user' }],
    };
    const { code, fields, message } = refusal(() => parse(wrong));
    expect(code).toBe('invalid_variable');
    expect(fields.map(({ field }) => field).toSorted()).toEqual([
      'aliases[0].sticky_by',
      'aliases[0].variants[0].weight',
      'models[0].context_tokens',
      'models[0].input_per_1k',
      'models[0].weight',
      'providers[0].id',
      'providers[0].kind',
      'providers[0].url',
    ]);
    expect(message).toMatch(/FLEET_MODELS must be a catalog of models \(.*models\[0\]\.weight .*got models\.json/);
  });

  it('every reference that is wrong is named', () => {
    const wrong = {
      providers: [
        ...file.providers,
        { id: 'ours', kind: 'vllm' },
        { id: 'c', kind: 'openai', base_url: 'ftp://x', base_urls: ['http://user:secret@x'] },
        { id: 'd', kind: 'openai', base_urls: ['http://a', 'http://b'], api_key_env: 'NOT_SET' },
      ],
      models: [...file.models, { ...file.models[0], provider_id: 'nobody' }],
      aliases: [
        ...file.aliases,
        { name: 'a', variants: [{ model_id: 'blind', weight: 1 }] },
        {
          name: 'twice',
          variants: [
            { model_id: 'a', weight: 1 },
            { model_id: 'a', weight: 1 },
          ],
        },
      ],
    };
    const { fields, message } = refusal(() => parse(wrong));
    expect(fields.map(({ field }) => field).toSorted()).toEqual([
      'aliases[1].name',
      'aliases[1].variants[0].model_id',
      'aliases[2].variants[1].model_id',
      'models[2].id',
      'models[2].provider_id',
      'providers[3].base_urls',
      'providers[3].id',
      'providers[4].base_url',
      'providers[4].base_urls',
      'providers[5].api_key_env',
      'providers[5].base_urls',
    ]);
    expect(message).not.toContain('secret');
  });

  it.each(['', '{', '[]', 'null', '{"providers": [], "models": []}'])('%p is none', (text) => {
    expect(refusal(() => parse(text)).fields).not.toEqual([]);
  });
});

describe('the catalog of the environment', () => {
  it('is empty without any variable', () => {
    expect(catalogFrom({ OPENAI_API_KEY: '', FLEET_MODELS: '' })).toEqual({ providers: [], models: [], aliases: [] });
  });

  it('has a provider for each key and address, all with prices and windows that make sense', () => {
    const env = {
      OPENAI_API_KEY: 'a',
      ANTHROPIC_API_KEY: 'b',
      FLEET_STAND_IN_URL: 'http://127.0.0.1:9/v1',
      OPENAI_BASE_URL: 'https://eu.example/v1',
    };
    const { providers, models } = catalogFrom(env);
    expect(providers.map(({ id, apiKey, baseUrls }) => [id, apiKey, ...baseUrls])).toEqual([
      ['openai', 'a', 'https://eu.example/v1'],
      ['anthropic', 'b'],
      ['stand-in', undefined, 'http://127.0.0.1:9/v1'],
    ]);
    for (const { weight, contextTokens, inputPer1k, outputPer1k } of models) {
      expect(weight > 0 && weight <= 10 && contextTokens >= 8000 && inputPer1k > 0 && outputPer1k > inputPer1k).toBe(
        true,
      );
    }
    expect(new Set(models.map(({ id }) => id)).size).toBe(models.length);
  });

  it('a model of an own server is asked there', () => {
    const env = { FLEET_MODEL_URL: 'http://127.0.0.1:9/v1', OPENAI_API_KEY: 'a' };
    const [providers, models] = ids(env);
    expect(providers).toEqual(['own', 'openai']);
    expect(models?.filter((id) => id.endsWith('/gpt-4.1-mini'))).toEqual(['own/gpt-4.1-mini']);
    expect(ids({ ...env, FLEET_MODEL: 'llama', OPENAI_API_KEY: '' })).toEqual([['own'], ['own/llama']]);
  });

  it('an address that is none is refused with the name of its variable', () => {
    const { code, details } = refusal(() => catalogFrom({ FLEET_STAND_IN_URL: 'localhost' }));
    expect([code, details['variable']]).toEqual(['invalid_variable', 'FLEET_STAND_IN_URL']);
  });

  it('is that of the file, and nothing else, when one is named', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'models-')), 'models.json');
    writeFileSync(path, JSON.stringify(file));
    expect(ids({ FLEET_MODELS: path, THEIR_KEY: 'x', OPENAI_API_KEY: 'y' })).toEqual([
      ['ours', 'theirs', 'off'],
      ['ours/a', 'theirs/b'],
    ]);
    expect(refusal(() => catalogFrom({ FLEET_MODELS: `${path}.not` })).code).toBe('unreadable_file');
  });
});

import { readFileSync } from 'node:fs';
import { errorText, FleetError } from '@fleet/errors';
import { trustedBaseUrl } from '@fleet/url-guard';
import type { Catalog, ModelSpec, ProviderSpec } from './catalog';
import { ANTHROPIC_MODELS, OPENAI_MODELS, ownModel, STAND_IN_MODELS } from './default-models';
import { parseCatalog } from './parse-catalog';

type Environment = Readonly<Record<string, string | undefined>>;

interface Source {
  readonly provider: ProviderSpec;
  readonly models: readonly Omit<ModelSpec, 'providerId' | 'enabled'>[];
}

/**
 * The catalog that the environment names: the JSON file FLEET_MODELS; else a provider for each of OPENAI_API_KEY (at
 * OPENAI_BASE_URL), ANTHROPIC_API_KEY, FLEET_MODEL_URL (its model FLEET_MODEL, key OPENAI_API_KEY) and FLEET_STAND_IN_URL.
 * Without any of them it is empty.
 *
 * @throws FleetError `unreadable_file`, `invalid_variable` with every failing field
 */
export function catalogFrom(env: Environment): Catalog {
  const path = env['FLEET_MODELS'];
  if (path) return parseCatalog(readText(path), path, env);
  const sources = [own(env), openAi(env), anthropic(env), standIn(env)].filter((one) => one !== undefined);
  const models = new Map<string, ModelSpec>();
  for (const { provider, models: of } of sources) {
    // The operator's own server comes first: a model that it has is asked there.
    for (const model of of.filter(({ id }) => !models.has(id))) {
      models.set(model.id, { ...model, providerId: provider.id, enabled: true });
    }
  }
  return { providers: sources.map(({ provider }) => provider), models: [...models.values()], aliases: [] };
}

function own(env: Environment): Source | undefined {
  const baseUrls = baseUrlsOf(env, 'FLEET_MODEL_URL');
  if (baseUrls.length === 0) return undefined;
  const apiKey = env['OPENAI_API_KEY'] || undefined;
  const models = [ownModel(env['FLEET_MODEL'] || 'gpt-4.1-mini')];
  return { provider: { id: 'own', kind: 'openai', baseUrls, apiKey, enabled: true }, models };
}

function openAi(env: Environment): Source | undefined {
  const apiKey = env['OPENAI_API_KEY'];
  if (!apiKey) return undefined;
  const baseUrls = baseUrlsOf(env, 'OPENAI_BASE_URL');
  return { provider: { id: 'openai', kind: 'openai', baseUrls, apiKey, enabled: true }, models: OPENAI_MODELS };
}

function anthropic(env: Environment): Source | undefined {
  const apiKey = env['ANTHROPIC_API_KEY'];
  if (!apiKey) return undefined;
  return {
    provider: { id: 'anthropic', kind: 'anthropic', baseUrls: [], apiKey, enabled: true },
    models: ANTHROPIC_MODELS,
  };
}

function standIn(env: Environment): Source | undefined {
  const baseUrls = baseUrlsOf(env, 'FLEET_STAND_IN_URL');
  if (baseUrls.length === 0) return undefined;
  return { provider: { id: 'stand-in', kind: 'openai', baseUrls, enabled: true }, models: STAND_IN_MODELS };
}

function baseUrlsOf(env: Environment, variable: string): readonly string[] {
  const text = env[variable];
  return text ? [trustedBaseUrl(text, variable).href] : [];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new FleetError('unreadable_file', { variable: 'FLEET_MODELS', path, reason: errorText(error) });
  }
}

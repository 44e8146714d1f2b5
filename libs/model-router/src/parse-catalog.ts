import { errorText, FleetError, type FieldError, isFleetError } from '@fleet/errors';
import { trustedBaseUrl } from '@fleet/url-guard';
import { z } from 'zod';
import type { AliasSpec, Catalog, ModelSpec, ProviderSpec } from './catalog';

type Environment = Readonly<Record<string, string | undefined>>;

const id = z.string().min(1).max(200);
const price = z.number().min(0).max(1000);

const providerSchema = z.strictObject({
  id,
  kind: z.enum(['openai', 'anthropic', 'vllm']),
  base_url: z.string().optional(),
  base_urls: z.array(z.string()).max(100).optional(),
  api_key_env: z.string().min(1).max(200).optional(),
  enabled: z.boolean().default(true),
});

const modelSchema = z.strictObject({
  id: id.refine((text) => text !== '*', 'must not be *, which takes turns'),
  provider_id: id,
  weight: z.number().min(0).max(10),
  context_tokens: z.number().int().min(1).max(100_000_000),
  input_per_1k: price,
  output_per_1k: price,
  enabled: z.boolean().default(true),
});

const aliasSchema = z.strictObject({
  name: id,
  variants: z
    .array(z.strictObject({ model_id: id, weight: z.number().int().min(1).max(1000) }))
    .min(1)
    .max(100),
  sticky_by: z.enum(['request', 'api_key', 'round_robin']).default('request'),
});

const fileSchema = z.strictObject({
  providers: z.array(providerSchema).min(1).max(100),
  models: z.array(modelSchema).min(1).max(1000),
  aliases: z.array(aliasSchema).max(1000).default([]),
});

type CatalogFile = z.infer<typeof fileSchema>;

/**
 * The catalog in a JSON text: `providers` {id, kind, base_url or base_urls, api_key_env, enabled}, `models` {id, provider_id,
 * weight, context_tokens, input_per_1k, output_per_1k, enabled}, `aliases` {name, variants [{model_id, weight}], sticky_by}.
 *
 * @param source where the text comes from, for the error
 * @param env where the keys are that `api_key_env` names; a key itself is never in the file
 * @throws FleetError `invalid_variable` with every failing field, in its message and in `fields`
 */
export function parseCatalog(text: string, source: string, env: Environment = process.env): Catalog {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(source, [{ field: '(file)', rule: `must be JSON: ${errorText(error)}` }]);
  }
  const parsed = fileSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) throw invalid(source, parsed.error.issues.flatMap(fieldsOf));
  const file = parsed.data;
  const fields = [...file.providers.flatMap((one, index) => providerErrors(one, index, env)), ...referenceErrors(file)];
  if (fields.length > 0) throw invalid(source, fields);
  return {
    providers: file.providers.map((one) => providerOf(one, env)),
    models: file.models.map(modelOf),
    aliases: file.aliases.map(aliasOf),
  };
}

function providerErrors(provider: CatalogFile['providers'][number], index: number, env: Environment): FieldError[] {
  const at = `providers[${index}]`;
  const errors: FieldError[] = [];
  const urls = urlsOf(provider);
  urls.forEach((url, number) => {
    const field = provider.base_url === undefined ? `${at}.base_urls[${number}]` : `${at}.base_url`;
    const rule = baseUrlRule(url);
    // What is wrong with it may be that it holds a secret, so that it is not shown.
    if (rule) errors.push({ field, rule });
  });
  if (provider.base_url !== undefined && provider.base_urls !== undefined) {
    errors.push({ field: `${at}.base_urls`, rule: 'must not stand beside base_url' });
  }
  if (provider.kind === 'vllm' && urls.length === 0)
    errors.push({ field: `${at}.base_urls`, rule: 'is needed by vllm' });
  if (provider.kind !== 'vllm' && urls.length > 1)
    errors.push({ field: `${at}.base_urls`, rule: 'must be one: only vllm takes turns' });
  const variable = provider.api_key_env;
  if (provider.enabled && variable !== undefined && !env[variable]) {
    errors.push({ field: `${at}.api_key_env`, rule: 'must name a variable that is set', got: variable });
  }
  return errors;
}

function baseUrlRule(url: string): string | undefined {
  try {
    trustedBaseUrl(url, 'FLEET_MODELS');
    return undefined;
  } catch (error) {
    if (isFleetError(error)) return `must be ${error.details['rule']}`;
    throw error;
  }
}

function referenceErrors({ providers, models, aliases }: CatalogFile): FieldError[] {
  const providerIds = new Set(providers.map((one) => one.id));
  const modelIds = new Set(models.map((one) => one.id));
  const unknownProviders = models.flatMap(({ provider_id }, index) =>
    providerIds.has(provider_id)
      ? []
      : [{ field: `models[${index}].provider_id`, rule: 'must be the id of a provider', got: provider_id }],
  );
  const unknownVariants = aliases.flatMap(({ variants }, index) =>
    variants.flatMap(({ model_id }, number) =>
      modelIds.has(model_id)
        ? []
        : [
            {
              field: `aliases[${index}].variants[${number}].model_id`,
              rule: 'must be the id of a model',
              got: model_id,
            },
          ],
    ),
  );
  return [
    ...repeats(
      providers.map((one) => one.id),
      (index) => `providers[${index}].id`,
    ),
    // A name is asked for without saying whether it is a model or an alias; so one list must tell them apart.
    ...repeats([...models.map((one) => one.id), ...aliases.map(({ name }) => name)], (index) =>
      index < models.length ? `models[${index}].id` : `aliases[${index - models.length}].name`,
    ),
    ...aliases.flatMap(({ variants }, index) =>
      repeats(
        variants.map(({ model_id }) => model_id),
        (number) => `aliases[${index}].variants[${number}].model_id`,
      ),
    ),
    ...unknownProviders,
    ...unknownVariants,
  ];
}

function repeats(names: readonly string[], fieldAt: (index: number) => string): FieldError[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [{ field: fieldAt(index), rule: 'must be unique', got: name }],
  );
}

function providerOf(provider: CatalogFile['providers'][number], env: Environment): ProviderSpec {
  const { id: providerId, kind, enabled, api_key_env } = provider;
  const baseUrls = urlsOf(provider).map((url) => trustedBaseUrl(url, 'FLEET_MODELS').href);
  const apiKey = api_key_env === undefined ? undefined : env[api_key_env] || undefined;
  return { id: providerId, kind, baseUrls, enabled, ...(apiKey !== undefined && { apiKey }) };
}

function urlsOf({ base_url, base_urls }: CatalogFile['providers'][number]): readonly string[] {
  return base_url === undefined ? (base_urls ?? []) : [base_url];
}

function modelOf(model: CatalogFile['models'][number]): ModelSpec {
  const { id: modelId, provider_id, weight, context_tokens, input_per_1k, output_per_1k, enabled } = model;
  const prices = { inputPer1k: input_per_1k, outputPer1k: output_per_1k };
  return { id: modelId, providerId: provider_id, weight, contextTokens: context_tokens, ...prices, enabled };
}

function aliasOf({ name, variants, sticky_by }: CatalogFile['aliases'][number]): AliasSpec {
  return {
    name,
    variants: variants.map(({ model_id, weight }) => ({ modelId: model_id, weight })),
    stickyBy: sticky_by,
  };
}

function fieldsOf(issue: z.core.$ZodIssue): FieldError[] {
  const field = issue.path.reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : [path, String(part)].filter(Boolean).join('.')),
    '',
  );
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: [field, key].filter(Boolean).join('.'),
      rule: 'is not a field of a catalog',
    }));
  }
  const got = ['string', 'number', 'boolean'].includes(typeof issue.input)
    ? { got: String(issue.input).slice(0, 100) }
    : {};
  return [{ field: field || '(file)', rule: issue.message, ...got }];
}

function invalid(source: string, fields: readonly FieldError[]): FleetError {
  const list = fields.map(({ field, rule }) => `${field} ${rule}`).join('; ');
  const details = { variable: 'FLEET_MODELS', rule: `a catalog of models (${list})`, got: source };
  return new FleetError('invalid_variable', details, { fields });
}

import type { Catalog } from '@fleet/model-router';
import { z } from 'zod';
import { ANY_MODEL } from './completion-body';

/** A model in OpenAI's shape. */
export const modelSchema = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int().describe('Epoch seconds; when this gateway read its catalog.'),
  owned_by: z.string().describe('Its provider; `alias` for a name that stands for several models.'),
});

/** What GET /v1/models answers with. */
export const modelListSchema = z.object({ object: z.literal('list'), data: z.array(modelSchema) });

/** Every name that the `model` of a request may be: models that are enabled, aliases, and the router's own choice. */
export function modelsOf(catalog: Catalog, created: number): readonly z.infer<typeof modelSchema>[] {
  const enabled = new Set(catalog.providers.filter((provider) => provider.enabled).map(({ id }) => id));
  const model = (id: string, owner: string) => ({ id, object: 'model' as const, created, owned_by: owner });
  return [
    ...catalog.models
      .filter((each) => each.enabled && enabled.has(each.providerId))
      .map(({ id, providerId }) => model(id, providerId)),
    ...catalog.aliases.map(({ name }) => model(name, 'alias')),
    model(ANY_MODEL, 'router'),
  ];
}

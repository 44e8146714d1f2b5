import { FleetError } from '@fleet/errors';
import { unknownModel } from '@fleet/model-router';
import { z } from 'zod';
import { routerModelSchema, toRouterModel } from '../schemas/router-model';
import type { App, Services } from '../services';
import { reasonSchema } from '../validation';

const tags = ['chat'];
const params = z.object({ id: z.string().min(1).max(200) });
const DEFAULT_REASON = 'disabled by an operator';

type RouterModel = z.infer<typeof routerModelSchema>;

/** GET /v1/router/models, POST /v1/router/models/{id}/enable and /disable. */
export function registerRouterModelRoutes(app: App, services: Services): void {
  const { store, chat } = services;
  const list = {
    operationId: 'listRouterModels',
    summary: 'The models of the catalog: whether they may answer, and why not.',
    tags,
    response: { 200: z.object({ models: z.array(routerModelSchema) }) },
  };
  app.get('/v1/router/models', { schema: list }, async () => ({ models: await modelsOf(services) }));

  const enable = {
    operationId: 'enableModel',
    summary: 'Let a model answer again that was disabled here, such as for a budget that was used up.',
    tags,
    params,
    body: z.strictObject({}).optional(),
    response: { 200: routerModelSchema },
  };
  app.post('/v1/router/models/:id/enable', { schema: enable }, async ({ params: { id }, log }) => {
    requireKnown(services, id);
    if (await store.routing.enableModel(id)) log.info({ model: id }, 'a model is enabled');
    chat.router.state.refresh();
    const model = await oneOf(services, id);
    if (model.disabled?.by === 'catalog') throw new FleetError('model_switched_off', { id });
    return model;
  });

  const disable = {
    operationId: 'disableModel',
    summary: 'Keep a model from answering, in all processes, until it is enabled.',
    tags,
    params,
    body: z.strictObject({ reason: reasonSchema.describe('Kept, and shown by GET.') }).optional(),
    response: { 200: routerModelSchema },
  };
  app.post('/v1/router/models/:id/disable', { schema: disable }, async ({ params: { id }, body, log }) => {
    requireKnown(services, id);
    const reason = body?.reason ?? DEFAULT_REASON;
    if (await store.routing.disableModel(id, reason)) log.info({ model: id, reason }, 'a model is disabled');
    chat.router.state.refresh();
    return oneOf(services, id);
  });
}

/** What is stored is read now: an operator wants to see what was just done. @throws FleetError `store_unavailable` */
async function modelsOf({ store, chat }: Services): Promise<RouterModel[]> {
  const { disabled } = await store.routing.snapshot();
  const rows = new Map(disabled.map((row) => [row.modelId, row]));
  return (await chat.router.models()).map((state) => toRouterModel(state, rows.get(state.model.id)));
}

async function oneOf(services: Services, id: string): Promise<RouterModel> {
  const model = (await modelsOf(services)).find((one) => one.id === id);
  if (model) return model;
  throw unknownModel(services.chat.router.catalog, JSON.stringify(id));
}

function requireKnown({ chat: { router } }: Services, id: string): void {
  if (!router.catalog.models.some((model) => model.id === id)) throw unknownModel(router.catalog, JSON.stringify(id));
}

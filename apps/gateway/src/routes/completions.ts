import { FleetError } from '@fleet/errors';
import { chat } from '@fleet/workflows/portable';
import { z } from 'zod';
import { toCompletion } from '../chat/answer';
import { CHAT_BODY_LIMIT, chatHeaders, checkedRequest, directed, latencyOf } from '../chat/asked';
import { completionBodySchema, toAsked } from '../chat/completion-body';
import { fitting } from '../chat/large-request';
import { modelListSchema, modelSchema, modelsOf } from '../chat/models';
import { runChat } from '../chat/run-chat';
import { streamChat } from '../chat/stream-chat';
import type { App, Services } from '../services';
import { noValidation } from '../validation';

const tags = ["OpenAI's"];
/** Errors of these routes are what OpenAI's clients make their typed errors of. */
const config = { errors: 'openai' } as const;

/** POST /v1/chat/completions, GET /v1/models and /v1/models/{id}, as OpenAI's clients call them. */
export function registerCompletionRoutes(app: App, services: Services): void {
  registerCompletions(app, services);
  registerModels(app, services);
}

function registerCompletions(app: App, services: Services): void {
  const schema = {
    operationId: 'createChatCompletion',
    summary: "Chat, with OpenAI's API.",
    tags,
    headers: chatHeaders,
    body: completionBodySchema,
    response: { 200: z.looseObject({ id: z.string(), object: z.literal('chat.completion') }) },
  };
  const options = { schema, config, validatorCompiler: noValidation, bodyLimit: CHAT_BODY_LIMIT };
  app.post('/v1/chat/completions', options, async (request, reply) => {
    const { body, key } = checkedRequest(completionBodySchema, request, ({ stream }) => stream === true);
    const { directive: _none, ...asked } = directed(reply, toAsked(body));
    const withUsage = body.stream_options?.include_usage === true;
    if (body.stream === true) return streamChat(services, asked, request, reply, withUsage);
    const order = {
      workflow: chat,
      prefix: 'chat',
      mode: asked.policy.mode ?? 'normal',
      input: async (requestId: string) => ({
        requestId,
        policy: asked.policy,
        request: await fitting(services, request, asked.request, requestId),
      }),
      answer: toCompletion,
      body,
      key,
      latencyMs: latencyOf(asked.policy),
    };
    return runChat(services, order, request, reply);
  });
}

function registerModels(app: App, { chat: { router } }: Services): void {
  let read = { catalog: router.catalog, created: seconds() };
  const modelsNow = (): ReturnType<typeof modelsOf> => {
    if (read.catalog !== router.catalog) read = { catalog: router.catalog, created: seconds() };
    return modelsOf(read.catalog, read.created);
  };
  const list = {
    operationId: 'listModels',
    summary: 'Every name that the model of a chat may be.',
    tags,
    response: { 200: modelListSchema },
  };
  app.get('/v1/models', { schema: list, config }, () => ({ object: 'list' as const, data: [...modelsNow()] }));

  const params = z.object({ id: z.string().min(1).max(200) });
  const one = { operationId: 'getModel', summary: 'One of them.', tags, params, response: { 200: modelSchema } };
  app.get('/v1/models/:id', { schema: one, config }, ({ params: { id } }) => {
    const models = modelsNow();
    const found = models.find((model) => model.id === id);
    if (found) return found;
    const names = models.map((model) => model.id).join(', ');
    throw new FleetError('unknown_model', { got: JSON.stringify(id), names });
  });
}

/** Epoch seconds. */
function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

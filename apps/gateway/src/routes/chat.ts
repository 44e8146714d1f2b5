import { chat, orchestrate } from '@fleet/workflows/portable';
import { chatAnswerSchema, planAnswerSchema, toChatAnswer, toPlanAnswer } from '../chat/answer';
import { CHAT_BODY_LIMIT, chatHeaders, checkedRequest, latencyOf } from '../chat/asked';
import { chatBodySchema, toAsked, toRequest, type ChatBody } from '../chat/chat-body';
import { planBodySchema, toDirective } from '../chat/plan-body';
import { toPolicy } from '../chat/policy-schema';
import { runChat } from '../chat/run-chat';
import { streamChat } from '../chat/stream-chat';
import type { App, Services } from '../services';
import { noValidation } from '../validation';

const tags = ['chat'];

/** POST /v1/chat and POST /v1/plan. */
export function registerChatRoutes(app: App, services: Services): void {
  registerChat(app, services);
  registerPlan(app, services);
}

const isStream = (body: ChatBody): boolean => body.stream === true || body.request.stream === true;

function registerChat(app: App, services: Services): void {
  const schema = {
    operationId: 'chat',
    summary: 'Ask the model that fits best; another one when it fails.',
    tags,
    headers: chatHeaders,
    body: chatBodySchema,
    response: { 200: chatAnswerSchema },
  };
  const options = { schema, validatorCompiler: noValidation, bodyLimit: CHAT_BODY_LIMIT };
  app.post('/v1/chat', options, async (request, reply) => {
    const { body, key } = checkedRequest(chatBodySchema, request, isStream);
    const asked = toAsked(body);
    if (isStream(body)) return streamChat(services, asked, request, reply, true);
    const order = {
      workflow: chat,
      prefix: 'chat',
      mode: asked.policy.mode ?? 'normal',
      input: (requestId: string) => ({ requestId, ...asked }),
      answer: toChatAnswer,
      body,
      key,
      latencyMs: latencyOf(asked.policy),
    };
    return runChat(services, order, request, reply);
  });
}

function registerPlan(app: App, services: Services): void {
  const schema = {
    operationId: 'plan',
    summary: 'Have several answers criticise, judge or refine one another.',
    tags,
    headers: chatHeaders,
    body: planBodySchema,
    response: { 200: planAnswerSchema },
  };
  const options = { schema, validatorCompiler: noValidation, bodyLimit: CHAT_BODY_LIMIT };
  app.post('/v1/plan', options, async (request, reply) => {
    const { body, key } = checkedRequest(planBodySchema, request);
    const asked = {
      request: toRequest(body.request, body.orchestration.output_schema ?? body.output_format?.schema),
      policy: toPolicy(body.policy),
    };
    const directive = toDirective(body);
    const order = {
      workflow: orchestrate,
      prefix: 'plan',
      mode: directive.mode,
      input: (requestId: string) => ({ requestId, ...asked, directive }),
      answer: toPlanAnswer,
      body,
      key,
      latencyMs: latencyOf(asked.policy),
    };
    return runChat(services, order, request, reply);
  });
}

import type { ChatOutput, OrchestrateOutput } from '@fleet/workflow-registry/messages';
import { chat, orchestrate } from '@fleet/workflows/portable';
import { chatAnswerSchema, planAnswerSchema, toChatAnswer, toPlanAnswer } from '../chat/answer';
import { CHAT_BODY_LIMIT, chatHeaders, checkedRequest, directed, latencyOf } from '../chat/asked';
import { chatBodySchema, isStream, toAsked, toRequest } from '../chat/chat-body';
import { fitting } from '../chat/large-request';
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
    const { directive: _none, ...asked } = directed(reply, toAsked(body));
    if (isStream(body)) return streamChat(services, asked, request, reply, true);
    const order = {
      workflow: chat,
      prefix: 'chat',
      mode: asked.policy.mode ?? 'normal',
      input: async (requestId: string) => ({
        requestId,
        policy: asked.policy,
        request: await fitting(services, request, asked.request, requestId),
      }),
      answer: (requestId: string, output: ChatOutput) => toChatAnswer(requestId, output, body.output_format),
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
    const input = directed(reply, asked, toDirective(body));
    const order = {
      workflow: orchestrate,
      prefix: 'plan',
      mode: input.directive.mode,
      input: async (requestId: string) => ({
        requestId,
        ...input,
        request: await fitting(services, request, input.request, requestId),
      }),
      answer: (requestId: string, output: OrchestrateOutput) => toPlanAnswer(requestId, output, body.output_format),
      body,
      key,
      latencyMs: latencyOf(input.policy),
    };
    return runChat(services, order, request, reply);
  });
}

import type { WorkflowDefinition } from '@fleet/durable-executor/context';
import type { ChatDecision, ChatUsage } from '@fleet/workflow-registry/messages';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sha256OfJson } from '@fleet/store/canonical-json';
import type { Services } from '../services';
import type { ChatAnswer } from './answer';
import { answerOnce } from './answer-once';
import { toldError } from './chat-failed-error';
import { REQUEST_ID_HEADER } from './request-id';
import { statusOf } from './status';
import { allowSilence, wanted } from './until';

/** What every workflow that answers gives. */
interface Answered {
  readonly decision: ChatDecision;
  readonly usage: ChatUsage;
  readonly costUsd: number;
}

/** One request that a workflow answers. */
export interface Order<Input, Output extends Answered> {
  readonly workflow: WorkflowDefinition<Input, Output>;
  /** `chat` or `plan`: the first part of the workflow's id. */
  readonly prefix: string;
  /** For the counters. */
  readonly mode: string;
  /** What the workflow is given under that request id. */
  readonly input: (requestId: string) => Input | Promise<Input>;
  readonly answer: (requestId: string, output: Output) => ChatAnswer;
  /** The body as it was checked, and the Idempotency-Key. */
  readonly body: unknown;
  readonly key: string | undefined;
  /** Milliseconds it has. */
  readonly latencyMs: number;
}

/** Beyond the time that a request has, milliseconds: the workflow ends by itself, unless Temporal has lost it. */
const GRACE_MS = 10_000;

/**
 * Answers with what a workflow finds, through Temporal or in this process. A client that leaves ends its wait and nothing else.
 *
 * @throws ChatFailedError when the workflow ended without an answer; ClientLeftError; FleetError `gateway_stopping`,
 * `provider_timeout`, `idempotency_key_reused`, `store_unavailable`
 */
export async function runChat<Input, Output extends Answered>(
  services: Services,
  order: Order<Input, Output>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { store, owner } = services;
  const signal = wanted(reply, services.lifecycle, {
    stopped: 'gateway_stopping',
    limitMs: order.latencyMs + GRACE_MS,
  });
  allowSilence(request, order.latencyMs);
  const count = counter(services, order.mode);
  const work = async (requestId: string): Promise<ChatAnswer> => {
    // Also beside an error, and in the request's log line: the workflow and its row are found by it.
    reply.header(REQUEST_ID_HEADER, requestId);
    const output = await dispatched(services, order, requestId, signal);
    count('ok', output);
    return order.answer(requestId, output);
  };
  const path = request.routeOptions.url ?? '';
  const keyed = { key: order.key, owner, path, bodySha256: () => sha256OfJson(order.body) };
  try {
    const { headers, body } = await answerOnce(store, keyed, work, {
      onReplay: () => void reply.header('idempotency-replayed', 'true'),
      onNotKept: (error) => request.log.warn({ err: error }, 'the answer of an Idempotency-Key was not kept'),
    });
    return await reply.headers(headers).type('application/json; charset=utf-8').send(body);
  } catch (error) {
    count(statusOf(error));
    throw error;
  }
}

async function dispatched<Input, Output extends Answered>(
  { chat, owner }: Services,
  { workflow, prefix, input }: Order<Input, Output>,
  requestId: string,
  signal: AbortSignal,
): Promise<Output> {
  const id = `${prefix}-${requestId}`;
  try {
    return await chat.dispatcher.run(workflow, await input(requestId), { id, owner, signal });
  } catch (error) {
    throw toldError(error);
  }
}

/** Counts how a request ends, and what it took. */
function counter({ chat }: Services, mode: string): (status: string, answered?: Answered) => void {
  const startedAt = performance.now();
  return (status, answered) => {
    const { modelId: model = 'none', providerId: provider = 'none' } = answered?.decision ?? {};
    chat.metrics.ended({ mode, model, provider, status }, (performance.now() - startedAt) / 1000);
    if (answered) chat.metrics.spent({ model, provider }, { ...answered.usage, costUsd: answered.costUsd });
  };
}

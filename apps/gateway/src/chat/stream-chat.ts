import { FleetError, isFleetError } from '@fleet/errors';
import { isProviderError, type ChatChunk, type RoutedStream, type UnroutedStream } from '@fleet/model-router';
import type { ChatErrorClass, StreamLogInput } from '@fleet/workflow-registry/messages';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Services } from '../services';
import { decisionHeaders } from './answer';
import { latencyOf, type Asked } from './asked';
import { EventStream } from './event-stream';
import { openAiErrorOf } from './openai-error';
import { newRequestId } from './request-id';
import { statusOf } from './status';
import { streamErrorOf, unroutedError } from './stream-errors';
import { ClientLeftError, unless, wanted } from './until';

/** How a stream ended. */
interface StreamEnd {
  readonly bytes: number;
  readonly thrown?: unknown;
  readonly unrouted?: UnroutedStream;
}

/**
 * Answers with a stream: chooses a model, relays its chunks as server-sent events and has the request logged at the end,
 * however it ended. What fails before the first chunk is an error answer; later it is an event with the error, and no `[DONE]`.
 *
 * @param withUsage whether the reader asked for the chunk that tells the usage
 * @throws FleetError `no_eligible_model` and other errors of providers, `unknown_model`, `gateway_stopping`
 */
export async function streamChat(
  services: Services,
  asked: Asked,
  request: FastifyRequest,
  reply: FastifyReply,
  withUsage: boolean,
): Promise<void> {
  const { chat } = services;
  const record = new StreamRecord(services, asked);
  const left = wanted(reply, services.lifecycle);
  request.log.info({ chat_request_id: record.requestId }, 'stream');
  const upstream = new AbortController();
  const signal = AbortSignal.any([left, upstream.signal]);
  let unrouted: UnroutedStream | undefined;
  try {
    const begun = await unless(signal, chat.router.stream(record.attempt, { signal }));
    if (!begun.ok) {
      unrouted = begun;
      const limitMs = latencyOf(asked.policy);
      throw unroutedError(begun, { late: Date.now() >= record.attempt.deadline, limitMs });
    }
    record.stream = begun.stream;
    reply.hijack();
    const { decision } = begun.stream;
    const headers = { ...plainHeaders(reply), ...decisionHeaders(record.requestId, decision) };
    const events = new EventStream(reply.raw, headers, chat.limits);
    record.ended(await relay(begun.stream, events, { signal, upstream, stallMs: chat.limits.stallMs, withUsage }));
  } catch (error) {
    record.ended({ bytes: 0, thrown: error, ...(unrouted && { unrouted }) });
    throw error;
  } finally {
    upstream.abort();
  }
}

interface RelayOptions {
  readonly signal: AbortSignal;
  readonly upstream: AbortController;
  readonly stallMs: number;
  readonly withUsage: boolean;
}

async function relay(
  { chunks, decision }: RoutedStream,
  events: EventStream,
  { signal, upstream, stallMs, withUsage }: RelayOptions,
): Promise<StreamEnd> {
  const reason = `${decision.providerId} sent nothing for ${stallMs} ms`;
  const stalled = (): void => upstream.abort(new FleetError('provider_timeout', { limitMs: stallMs, reason }));
  const stall = setTimeout(stalled, stallMs);
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await unless(signal, iterator.next());
      if (next.done === true) break;
      const shown = withUsage ? next.value : withoutUsage(next.value);
      if (shown) await events.send(JSON.stringify(shown), signal);
      stall.refresh();
    }
    events.end('[DONE]');
    return { bytes: events.bytes };
  } catch (error) {
    if (!(error instanceof ClientLeftError)) events.end(JSON.stringify(openAiErrorOf(streamErrorOf(error, decision))));
    return { bytes: events.bytes, thrown: error };
  } finally {
    clearTimeout(stall);
  }
}

/** Readers that did not ask for the usage do not expect a chunk without choices. */
function withoutUsage({ usage: _usage, ...chunk }: ChatChunk): object | undefined {
  return chunk.choices.length === 0 ? undefined : chunk;
}

/** The headers that hooks have set. */
function plainHeaders(reply: FastifyReply): Record<string, string> {
  const headers = Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined);
  return Object.fromEntries(headers.map(([name, value]) => [name, String(value)]));
}

/** What is written down of a stream, and counted. */
class StreamRecord {
  readonly requestId = newRequestId();
  readonly attempt;
  stream: RoutedStream | undefined;
  private readonly startedAt = performance.now();

  constructor(
    private readonly services: Services,
    private readonly asked: Asked,
  ) {
    const { request, policy } = asked;
    const deadline = Date.now() + latencyOf(policy);
    this.attempt = { requestId: this.requestId, step: 1, request, policy, narrowing: { excludeModels: [] }, deadline };
  }

  ended({ bytes, thrown, unrouted }: StreamEnd): void {
    const { stream, asked, services, startedAt } = this;
    const latencyMs = performance.now() - startedAt;
    const { inputTokens, outputTokens } = stream?.usage() ?? { inputTokens: 0, outputTokens: 0 };
    const costUsd = stream?.costUsd() ?? 0;
    const left = thrown instanceof ClientLeftError;
    const { modelId, providerId, aliasFrom } = stream?.decision ?? unrouted?.decision ?? {};
    const entry: StreamLogInput = {
      requestId: this.requestId,
      kind: 'stream',
      mode: asked.policy.mode ?? 'normal',
      modelId,
      providerId,
      aliasFrom,
      success: thrown === undefined || (left && stream !== undefined),
      errorClass: unrouted?.errorClass ?? errorClassOf(thrown),
      attempts: 1,
      latencyMs,
      latencyBudgetMs: latencyOf(asked.policy),
      costUsd,
      inputTokens,
      outputTokens,
      bytesStreamed: bytes,
      aborted: thrown !== undefined && (left || stream !== undefined),
    };
    services.chat.logStream(entry, services.owner);
    const labels = { mode: entry.mode, model: modelId ?? 'none', provider: providerId ?? 'none' };
    services.chat.metrics.ended({ ...labels, status: statusOf(thrown) }, latencyMs / 1000);
    if (stream) services.chat.metrics.spent(labels, { inputTokens, outputTokens, costUsd });
  }
}

function errorClassOf(thrown: unknown): ChatErrorClass | undefined {
  if (isProviderError(thrown)) return thrown.errorClass;
  if (!isFleetError(thrown)) return undefined;
  return thrown.code === 'provider_timeout' ? 'transient' : undefined;
}

import { FleetError } from '@fleet/errors';
import type { ChatChunk, RoutedStream, UnroutedStream } from '@fleet/model-router';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Services } from '../services';
import { decisionHeaders } from './answer';
import { latencyOf, type Asked } from './asked';
import { EventStream } from './event-stream';
import { openAiErrorOf } from './openai-error';
import { REQUEST_ID_HEADER } from './request-id';
import { streamErrorOf, unroutedError } from './stream-errors';
import { StreamRecord, type StreamEnd } from './stream-record';
import { allowSilence, ClientLeftError, unless, wanted } from './until';

/**
 * Answers with a stream: chooses a model, relays its chunks as server-sent events and has the request logged at the end,
 * however it ended. What fails before the first chunk is an error answer; later it is an event with the error, and no `[DONE]`.
 *
 * @param withUsage whether the reader asked for the chunk that tells the usage
 * @throws FleetError `no_eligible_model` and other errors of providers, `unknown_model`, `stream_stopped`
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
  const left = wanted(reply, services.lifecycle, { stopped: 'stream_stopped' });
  reply.header(REQUEST_ID_HEADER, record.requestId);
  allowSilence(request, latencyOf(asked.policy));
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
  let sending = false;
  const stall = setTimeout(() => {
    if (sending) stall.refresh();
    else upstream.abort(new FleetError('provider_timeout', { limitMs: stallMs, reason }));
  }, stallMs);
  try {
    for await (const chunk of chunks) {
      const shown = withUsage ? chunk : withoutUsage(chunk);
      // A slow reader is not the provider's silence.
      sending = true;
      if (shown) await events.send(JSON.stringify(shown), signal);
      sending = false;
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

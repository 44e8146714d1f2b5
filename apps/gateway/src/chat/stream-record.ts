import { isFleetError } from '@fleet/errors';
import { isProviderError, type RoutedStream, type UnroutedStream } from '@fleet/model-router';
import type { ChatErrorClass, StreamLogInput } from '@fleet/workflow-registry/messages';
import type { Services } from '../services';
import { latencyOf, type Asked } from './asked';
import { newRequestId } from './request-id';
import { statusOf } from './status';
import { ClientLeftError } from './until';

/** How a stream ended. */
export interface StreamEnd {
  readonly bytes: number;
  /** Absent: it was relayed to its end. */
  readonly thrown?: unknown;
  /** Present when no model began it. */
  readonly unrouted?: UnroutedStream;
}

/** What is written down of a stream, and counted. */
export class StreamRecord {
  readonly requestId = newRequestId();
  readonly attempt;
  /** Set once a model began it. */
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

  ended(end: StreamEnd): void {
    const { stream, services, startedAt } = this;
    const latencyMs = performance.now() - startedAt;
    const { inputTokens, outputTokens } = stream?.usage() ?? { inputTokens: 0, outputTokens: 0 };
    const spent = { inputTokens, outputTokens, costUsd: stream?.costUsd() ?? 0 };
    const entry: StreamLogInput = { ...this.verdict(end), ...spent, latencyMs, bytesStreamed: end.bytes };
    services.chat.logStream(entry, services.owner);
    const { mode, modelId: model = 'none', providerId: provider = 'none' } = entry;
    services.chat.metrics.ended({ mode, model, provider, status: statusOf(end.thrown) }, latencyMs / 1000);
    if (stream) services.chat.metrics.spent({ model, provider }, spent);
  }

  private verdict({ thrown, unrouted }: StreamEnd) {
    const { stream, asked, requestId } = this;
    const { modelId, providerId, aliasFrom } = stream?.decision ?? unrouted?.decision ?? {};
    return {
      requestId,
      kind: 'stream' as const,
      mode: asked.policy.mode ?? 'normal',
      modelId,
      providerId,
      aliasFrom,
      // One that its reader or we ended is no failure of the model: its reward must not suffer.
      success: stream !== undefined && !isFailure(thrown),
      errorClass: unrouted?.errorClass ?? errorClassOf(thrown),
      attempts: 1,
      latencyBudgetMs: latencyOf(asked.policy),
      aborted: thrown !== undefined && (stream !== undefined || thrown instanceof ClientLeftError),
    };
  }
}

function isFailure(thrown: unknown): boolean {
  if (thrown === undefined || thrown instanceof ClientLeftError) return false;
  return !isFleetError(thrown) || !['stream_stopped', 'stream_too_large'].includes(thrown.code);
}

function errorClassOf(thrown: unknown): ChatErrorClass | undefined {
  if (isProviderError(thrown)) return thrown.errorClass;
  return isFleetError(thrown) && thrown.code === 'provider_timeout' ? 'transient' : undefined;
}

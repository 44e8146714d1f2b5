import type { ChatCompletion, ChatErrorClass, ChatMessage, ChatUsage } from '@fleet/workflow-registry/messages';

/** One call of a provider. */
export interface ProviderCall {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  /** Of OpenAI's chat completions; adapters of other providers translate what they know and drop nothing silently. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly maxTokens?: number | undefined;
}

/** What goes along with a call. */
export interface CallOptions {
  readonly signal: AbortSignal;
  /** Milliseconds for the whole call; of a stream: until its first chunk, and then from each chunk to the next. */
  readonly timeoutMs: number;
  /** Sent to the provider: the same in every attempt of one call. */
  readonly idempotencyKey: string;
  /** Sent to the provider as `x-request-id`. */
  readonly requestId: string;
}

/** An answer, whoever gave it, in OpenAI's shape. */
export interface ProviderAnswer {
  readonly response: ChatCompletion;
  /** Absent when the provider did not say. */
  readonly usage: ChatUsage | undefined;
}

/** One chunk of a stream, in OpenAI's shape. */
export interface ChatChunk {
  readonly id: string;
  readonly object: 'chat.completion.chunk';
  /** Epoch seconds. */
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: Readonly<Record<string, unknown>>;
    readonly finish_reason: string | null;
  }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  } | null;
}

/**
 * A provider as the router calls it. One call is one HTTP request: no retries of its own.
 *
 * Every method throws ProviderError, or the signal's reason.
 */
export interface ProviderAdapter {
  readonly providerId: string;
  send(call: ProviderCall, options: CallOptions): Promise<ProviderAnswer>;
  /** Resolves with the first chunk in hand; a stream that ends without its last chunk throws. */
  stream(call: ProviderCall, options: CallOptions): Promise<AsyncIterable<ChatChunk>>;
  /** Whether it answers at all: 2xx, 401 and 405 count as health. */
  probe(options: { readonly signal: AbortSignal; readonly timeoutMs: number }): Promise<boolean>;
}

/** How a call of a provider failed. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  /** HTTP status. */
  readonly status: number | undefined;
  /** Milliseconds the provider asked to wait. */
  readonly retryAfterMs: number | undefined;

  /** @param message Holds neither key, prompt nor answer; at most 200 characters. */
  constructor(
    readonly errorClass: Exclude<ChatErrorClass, 'schema_mismatch' | 'no_model'>,
    message: string,
    options: { readonly status?: number | undefined; readonly retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** True for a {@link ProviderError}. */
export function isProviderError(error: unknown): error is ProviderError {
  return error instanceof Error && error.name === 'ProviderError' && 'errorClass' in error;
}

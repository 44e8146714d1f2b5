import type {
  ChatAttempt,
  ChatAttemptResult,
  ChatDecision,
  ChatErrorClass,
  ChatSkips,
  ChatUsage,
  RankedModels,
  RankModelsInput,
} from '@fleet/workflow-registry/messages';
import type { Catalog } from './catalog';
import type { ModelState } from './model-states';
import type { ChatChunk } from './provider';

/** A stream that has begun: its first chunk is in hand, and no other model is asked from here on. */
export interface RoutedStream {
  readonly decision: ChatDecision;
  /** Throws ProviderError when it is cut, the signal's reason when aborted. */
  readonly chunks: AsyncIterable<ChatChunk>;
  /** What it took so far; estimated where the provider did not say. */
  usage(): ChatUsage;
  /** US dollars, from {@link usage}. */
  costUsd(): number;
}

/** A stream that no model began. */
export interface UnroutedStream {
  readonly errorClass: ChatErrorClass;
  readonly message: string;
  readonly decision?: ChatDecision | undefined;
  readonly status?: number | undefined;
  readonly skips: ChatSkips;
}

/** Chooses models and asks them. It knows nothing of Temporal, HTTP servers or databases. */
export interface Router {
  readonly catalog: Catalog;
  /**
   * One attempt: chooses a model, asks it (a transient failure up to two times more), and says what to do next when it got
   * no answer.
   *
   * @throws FleetError `unknown_model` for a hint that names nothing, `invalid_input` for an output schema that is none;
   *   the signal's reason
   */
  attempt(attempt: ChatAttempt, options: { readonly signal: AbortSignal }): Promise<ChatAttemptResult>;
  /**
   * Begins a stream; falls back to other models before the first chunk. The deadline ends it in the middle only when the
   * policy says `maxLatencyMs`.
   *
   * @throws FleetError `unknown_model`; the signal's reason
   */
  stream(
    attempt: ChatAttempt,
    options: { readonly signal: AbortSignal },
  ): Promise<{ readonly ok: true; readonly stream: RoutedStream } | ({ readonly ok: false } & UnroutedStream)>;
  /** The models that may answer, the best first, without chance. @throws FleetError `unknown_model` */
  rank(input: RankModelsInput): Promise<RankedModels>;
  /** Every model of the catalog, and whether it may answer at all. */
  models(): Promise<readonly ModelState[]>;
}

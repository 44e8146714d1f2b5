import { FleetError } from '@fleet/errors';
import type { ModelAnswer, ModelMessage } from '@fleet/workflow-registry/messages';

/** A tool as a model is told of it. */
export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  /** JSON schema of its arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** One question to a model. */
export interface ModelQuestion {
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ToolDescription[];
  /** Default: the client's own. */
  readonly model?: string | undefined;
}

/** How a model is reached: this one call. Retries are the caller's, so that attempts are counted in one place. */
export interface ModelClient {
  /**
   * @param options.idempotencyKey The same in every attempt of one question.
   * @throws FleetError `provider_failed` when trying again may help, `provider_rejected` when it cannot; the signal's reason.
   */
  ask(
    question: ModelQuestion,
    options: { readonly signal: AbortSignal; readonly idempotencyKey: string },
  ): Promise<ModelAnswer>;
}

/** The client of a fleet that has no provider: agents fail at once, and say what to set. */
export const NO_MODEL: ModelClient = {
  ask: () => Promise.reject(new FleetError('no_model_provider')),
};

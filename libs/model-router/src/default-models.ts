import type { ModelSpec } from './catalog';

type DefaultModel = Omit<ModelSpec, 'providerId' | 'enabled'>;

const perMillion = (input: number, output: number): Pick<ModelSpec, 'inputPer1k' | 'outputPer1k'> => ({
  inputPer1k: input / 1000,
  outputPer1k: output / 1000,
});

/**
 * Models that a key alone brings, with the window and the price per million tokens on the pages of models and prices of
 * OpenAI (read in 2026, standard tier). GPT-5.4 costs twice as much above 272,000 tokens, so its window ends there.
 * Prices change: a FLEET_MODELS file is the place for the current ones. The weights are ours.
 */
export const OPENAI_MODELS: readonly DefaultModel[] = [
  { id: 'gpt-4.1-mini', weight: 4, contextTokens: 1_047_576, ...perMillion(0.4, 1.6) },
  { id: 'gpt-5.4-nano', weight: 4, contextTokens: 400_000, ...perMillion(0.2, 1.25) },
  { id: 'gpt-5.4-mini', weight: 6, contextTokens: 400_000, ...perMillion(0.75, 4.5) },
  { id: 'gpt-5.4', weight: 8, contextTokens: 272_000, ...perMillion(2.5, 15) },
];

/**
 * The same for Anthropic, from its overview of models (October 2026). Claude Haiku 5.5 costs five times as much above
 * 100,000 tokens, so its window ends there.
 */
export const ANTHROPIC_MODELS: readonly DefaultModel[] = [
  { id: 'claude-haiku-5-5', weight: 5, contextTokens: 100_000, ...perMillion(0.1, 0.5) },
  { id: 'claude-sonnet-5-5', weight: 8, contextTokens: 1_000_000, ...perMillion(2, 10) },
  { id: 'claude-opus-5-5', weight: 9, contextTokens: 1_000_000, ...perMillion(4, 20) },
];

/** Of the stand-in provider, which is no model at all: made so that each rule of the router has something to choose between. */
export const STAND_IN_MODELS: readonly DefaultModel[] = [
  { id: 'stand-in-small', weight: 3, contextTokens: 8_000, ...perMillion(0.1, 0.2) },
  { id: 'stand-in-large', weight: 8, contextTokens: 128_000, ...perMillion(1, 2) },
  { id: 'stand-in-wise', weight: 9, contextTokens: 32_000, ...perMillion(2, 4) },
  { id: 'stand-in-swift', weight: 5, contextTokens: 32_000, ...perMillion(0.2, 0.4) },
];

/** A model of the operator's own server, of which nothing is known but its name. */
export function ownModel(id: string): DefaultModel {
  return { id, weight: 5, contextTokens: 128_000, inputPer1k: 0, outputPer1k: 0 };
}

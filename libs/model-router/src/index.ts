export { createAdapters } from './adapters';
export type { AliasSpec, Catalog, ModelSpec, ProviderSpec } from './catalog';
export { catalogFrom } from './catalog-from';
export { createRouter } from './create-router';
export { applyDirectives, type DirectedRequest } from './directives';
export type { ModelState } from './model-states';
export type { RouterOptions } from './options';
export { type AnswerCheck, answerCheck, outputSchemaErrors } from './output-schema';
export { formatAnswer, type OutputFormat } from './output-format';
export { parseCatalog } from './parse-catalog';
export { createProber, type Prober, type ProberOptions } from './prober';
export {
  isProviderError,
  ProviderError,
  type CallOptions,
  type ChatChunk,
  type ProviderAdapter,
  type ProviderAnswer,
  type ProviderCall,
} from './provider';
export { bucketOf, rewardOf, type RewardFacts } from './reward';
export { unknownModel } from './hint';
export type { RoutedStream, Router, UnroutedStream } from './router';
export type { ProviderHealth, RewardArm, RouterSnapshot, RouterState } from './router-state';
export { costOf, estimateInputTokens } from './tokens';

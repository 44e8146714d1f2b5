export { createAdapters } from './adapters';
export type { AliasSpec, Catalog, ModelSpec, ProviderSpec } from './catalog';
export {
  isProviderError,
  ProviderError,
  type CallOptions,
  type ChatChunk,
  type ProviderAdapter,
  type ProviderAnswer,
  type ProviderCall,
} from './provider';
export type { RoutedStream, Router, UnroutedStream } from './router';
export type { ProviderHealth, RewardArm, RouterSnapshot, RouterState } from './router-state';

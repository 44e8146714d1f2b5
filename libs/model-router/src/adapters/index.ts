import type { Catalog, ProviderSpec } from '../catalog';
import type { ProviderAdapter } from '../provider';
import { createAnthropicAdapter } from './anthropic';
import { createOpenAiAdapter } from './openai';
import { createVllmAdapter } from './vllm';

const CREATE: Readonly<Record<ProviderSpec['kind'], (spec: ProviderSpec) => ProviderAdapter>> = {
  openai: createOpenAiAdapter,
  anthropic: createAnthropicAdapter,
  vllm: createVllmAdapter,
};

/**
 * An adapter for each provider that is enabled, by its id. Nothing is connected or loaded until one is called.
 *
 * @throws FleetError `invalid_input` for a vLLM provider without a base URL
 */
export function createAdapters({ providers }: Catalog): ReadonlyMap<string, ProviderAdapter> {
  const enabled = providers.filter((spec) => spec.enabled);
  return new Map(enabled.map((spec) => [spec.id, CREATE[spec.kind](spec)]));
}
